// A line at which a viewer is told, in its own protocol, why it gets no screen.
import { duplexPair } from 'node:stream';
import { type ConsoleEnd, consoleEndCodes } from '@wrought/contract';
import type { ConsoleLine } from '../../drivers/kit/console.ts';
import { refuse } from './let-in.ts';

/** A viewer that says nothing is not waited for. */
const GREETING_MILLISECONDS = 10_000;

/** Ends when the viewer was told, or has gone. */
export function refusedLine(reason: string): ConsoleLine {
  const [ours, stream] = duplexPair({ allowHalfOpen: false });
  stream.once('close', () => ours.destroy());
  const end: ConsoleEnd = { code: consoleEndCodes.refused, reason };
  const ended = refuse(ours, reason, AbortSignal.timeout(GREETING_MILLISECONDS))
    // Who speaks something else, or goes, is told by the end of the connection.
    .catch(() => ours.destroy())
    .then(() => end);
  return { stream, ended };
}
