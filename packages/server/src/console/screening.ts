// One viewer at the screen of a machine: lets it in, and carries the protocol between it and the screen (RFC 6143).
import { duplexPair } from 'node:stream';
import { type ConsoleEnd, consoleEndCodes } from '@wrought/contract';
import type { ConsoleLine, TaskLog } from '../drivers/kit/index.ts';
import type { OpenScreen } from './graphical-consoles.ts';
import { letIn } from './rfb/let-in.ts';
import { lookOnly } from './rfb/look-only.ts';

/** ClientInit (section 7.3.1): others may look, too. */
const SHARED = Buffer.of(1);
/** A viewer says which version it speaks within this time. */
const GREETING_MILLISECONDS = 30_000;

export interface Screening {
  readonly line: ConsoleLine;
  end(reason: ConsoleEnd): void;
}

export interface ScreeningOptions {
  /** What would act on the machine does not reach it. */
  readonly isReadOnly: boolean;
  /** Names the node in logs. */
  readonly node: string;
  readonly log: TaskLog;
}

/** Opens the screen, and has the end of a viewer ready. @throws what `open` throws */
export async function screen(open: OpenScreen, { isReadOnly, node, log }: ScreeningOptions): Promise<Screening> {
  const ending = new AbortController();
  const far = await open(ending.signal);
  const [ours, stream] = duplexPair({ allowHalfOpen: false });
  const { promise: ended, resolve } = Promise.withResolvers<ConsoleEnd>();

  function end(reason: ConsoleEnd): void {
    resolve(reason);
    ending.abort();
    ours.destroy();
    far.destroy();
    stream.destroy();
  }

  function fail(error: unknown): void {
    end({ code: consoleEndCodes.lost, reason: error instanceof Error ? error.message : String(error) });
  }

  // A stream that is destroyed at one end does not end at the other by itself.
  stream.once('close', () => end({ code: consoleEndCodes.closed, reason: 'the viewer has gone' }));
  far.on('error', () => {});
  far.once('close', () => {
    const reason = far.errored?.message ?? 'the BMC closed the connection';
    log.debug({ node, reason }, 'The screen of a machine was closed.');
    end({ code: consoleEndCodes.lost, reason });
  });

  async function serve(): Promise<void> {
    await letIn(ours, AbortSignal.any([ending.signal, AbortSignal.timeout(GREETING_MILLISECONDS)]));
    far.write(SHARED);
    const typed = isReadOnly ? ours.pipe(lookOnly()).on('error', fail) : ours;
    typed.pipe(far);
    far.pipe(ours);
  }
  ours.on('error', fail);
  serve().catch(fail);

  return { line: { stream, ended }, end };
}
