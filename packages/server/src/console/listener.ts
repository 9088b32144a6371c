// One listener at a serial console: gets what is said while it keeps up, types, and is let go with a reason.
import type { Duplex } from 'node:stream';
import { type ConsoleEnd, consoleEndCodes } from '@wrought/contract';

/** A listener that keeps up with so much less than the machine says is cut off. */
const BACKLOG_BYTES = 1024 * 1024;
/** What is still on its way to a listener when the console ends gets this long to be taken. */
const FAREWELL_MILLISECONDS = 2_000;

export interface ListenerOptions {
  /** What it types is dropped. */
  readonly isReadOnly?: boolean;
  /** One that neither types nor gets anything for so long is cut off; 0: never. */
  readonly idleSeconds: number;
  /** Told once why the console lets it go; never when it goes by itself. */
  readonly onEnd?: (end: ConsoleEnd) => void;
}

export interface Listener {
  tell(characters: Uint8Array | string): void;
  /** Lets it type on after `type` has answered false. */
  resume(): void;
  letGo(end: ConsoleEnd): void;
}

/** Serves a stream as a listener. `type` gets what it types, and answers false when it has to wait; `gone` is told of its end. */
export function createListener(
  stream: Duplex,
  { isReadOnly = false, idleSeconds, onEnd }: ListenerOptions,
  { type, gone }: { type: (characters: Buffer) => boolean; gone: () => void },
): Listener {
  let isLetGo = false;
  const idle =
    idleSeconds === 0
      ? undefined
      : setTimeout(() => {
          const reason = `nothing was said or typed for ${idleSeconds} seconds (console.terminal_timeout)`;
          letGo({ code: consoleEndCodes.idle, reason });
        }, idleSeconds * 1000);

  function letGo(end: ConsoleEnd): void {
    if (isLetGo || stream.destroyed) {
      return;
    }
    isLetGo = true;
    onEnd?.(end);
    // Whoever stays at the other end, or takes nothing, holds nothing up.
    const farewell = setTimeout(() => stream.destroy(), FAREWELL_MILLISECONDS);
    stream.once('close', () => clearTimeout(farewell));
    stream.end(() => stream.destroy());
  }

  stream.on('data', (characters: Buffer) => {
    idle?.refresh();
    if (!isReadOnly && !isLetGo && !type(characters)) {
      stream.pause();
    }
  });
  stream.on('error', () => stream.destroy());
  stream.once('close', () => {
    clearTimeout(idle);
    gone();
  });

  return {
    tell(characters) {
      if (isLetGo || !stream.writable) {
        return;
      }
      idle?.refresh();
      if (stream.writableLength > BACKLOG_BYTES) {
        const reason = `${stream.writableLength} bytes of what the machine says were not taken`;
        letGo({ code: consoleEndCodes.slow, reason });
        stream.destroy();
        return;
      }
      stream.write(characters);
    },
    resume: () => stream.resume(),
    letGo,
  };
}
