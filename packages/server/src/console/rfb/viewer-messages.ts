// Tells apart the messages that a viewer sends after ClientInit (RFC 6143, section 7.5, and what its registry and common servers add).
import { RfbError } from './protocol.ts';

interface Kind {
  readonly name: string;
  /** Whether it acts on the machine. */
  readonly acts: boolean;
  /** Bytes of the whole message, type included; undefined while it is not known yet. */
  readonly bytes: (begun: Buffer) => number | undefined;
}

const fixed = (bytes: number) => () => bytes;

/** Known once `needed` bytes are there. */
const counted = (needed: number, bytes: (begun: Buffer) => number) => (begun: Buffer) =>
  begun.length < needed ? undefined : bytes(begun);

/** Messages of viewers: RFC 6143, section 7.5, and what its registry (section 8.4) and common servers add. */
const kinds: Readonly<Record<number, Kind>> = {
  0: { name: 'SetPixelFormat', acts: false, bytes: fixed(20) },
  2: { name: 'SetEncodings', acts: false, bytes: counted(4, (begun) => 4 + 4 * begun.readUInt16BE(2)) },
  3: { name: 'FramebufferUpdateRequest', acts: false, bytes: fixed(10) },
  4: { name: 'KeyEvent', acts: true, bytes: fixed(8) },
  5: { name: 'PointerEvent', acts: true, bytes: fixed(6) },
  // The length of an extended clipboard is negative.
  6: { name: 'ClientCutText', acts: true, bytes: counted(8, (begun) => 8 + Math.abs(begun.readInt32BE(4))) },
  150: { name: 'EnableContinuousUpdates', acts: false, bytes: fixed(10) },
  248: { name: 'ClientFence', acts: false, bytes: counted(9, (begun) => 9 + (begun[8] ?? 0)) },
  250: { name: 'xvp', acts: true, bytes: fixed(4) },
  251: { name: 'SetDesktopSize', acts: true, bytes: counted(8, (begun) => 8 + 16 * (begun[6] ?? 0)) },
  // QEMU's: key events with scan codes, and what concerns sound, of which one kind has a format behind it.
  255: {
    name: 'QEMU',
    acts: true,
    bytes: counted(4, (begun) => (begun[1] === 0 ? 12 : begun.readUInt16BE(2) === 2 ? 10 : 4)),
  },
};

/** Longer ones, such as clipboards, are nobody's who only looks. */
const LONGEST_MESSAGE_BYTES = 1024 * 1024;

export interface ViewerMessage {
  readonly name: string;
  /** Whether it acts on the machine. */
  readonly acts: boolean;
  /** The whole message, its type included. */
  readonly bytes: Buffer;
}

/**
 * Makes what takes the pieces of a stream, and answers the messages that are whole by then.
 * @throws RfbError at a message whose length is not known, since what follows it can not be told apart
 */
export function viewerMessages(): (piece: Buffer) => ViewerMessage[] {
  let rest: Buffer = Buffer.alloc(0);
  return (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const found: ViewerMessage[] = [];
    while (rest.length > 0) {
      const type = rest[0] ?? 0;
      const kind = kinds[type];
      if (kind === undefined) {
        throw new RfbError(`the viewer sends a message of type ${type}, which is not known here`);
      }
      const { name, acts } = kind;
      const length = kind.bytes(rest);
      if (length !== undefined && length > LONGEST_MESSAGE_BYTES) {
        throw new RfbError(`the viewer sends a ${name} of ${length} bytes; ${LONGEST_MESSAGE_BYTES} are allowed`);
      }
      if (length === undefined || rest.length < length) {
        break;
      }
      found.push({ name, acts, bytes: rest.subarray(0, length) });
      rest = rest.subarray(length);
    }
    return found;
  };
}
