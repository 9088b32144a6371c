// Takes out of what a viewer sends all that would act on the machine, and lets pass what asks for its picture.
import { Transform } from 'node:stream';
import { viewerMessages } from './viewer-messages.ts';

/** For what follows ClientInit. Ends with an RfbError at a message that is not known: it might act on the machine. */
export function lookOnly(): Transform {
  const split = viewerMessages();
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      try {
        for (const { acts, bytes } of split(piece)) {
          if (!acts) {
            this.push(bytes);
          }
        }
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
