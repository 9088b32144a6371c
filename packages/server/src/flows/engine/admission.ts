// Lets runs that wait in line begin when there is room, one after the other, each on the conductor whose run it is.
import { FencedError } from '../../cluster/fenced-error.ts';
import { appendTimeline } from '../../store/evidence.ts';
import { countActive, type Line, linesWithQueue, nextQueued } from '../../store/queue.ts';
import type { Run } from '../../store/runs.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';
import type { EngineContext } from './context.ts';
import { failInLine } from './fail-in-line.ts';
import { openProgress, type Recorded } from './outcome.ts';
import { enterPhase, writeProgress } from './progress-of-run.ts';
import { fullServers, leaveQueue, lineOf, optionOf } from './queue-run.ts';

/** So often a run is let in that throws; then it fails. */
const TRIES = 2;

/** What became of a look at a line. */
type Look =
  | { readonly kind: 'none' }
  | { readonly kind: 'admitted'; readonly recorded: Recorded }
  | { readonly kind: 'of another' };

/** Lets the next run of a line begin when there is room, in one transaction. `onTry` hears which run that is. */
async function admitNext(context: EngineContext, line: Line, onTry: (run: Run) => void): Promise<Look> {
  const { hostname, epoch } = context.lease;
  return context.store.transaction(async (trx) => {
    const limit = context.config().conductor[optionOf[line.limitClass]];
    if ((await countActive(trx, line)) >= limit) {
      return { kind: 'none' };
    }
    const next = await nextQueued(trx, line, await fullServers(trx, context.config()));
    if (next === undefined) {
      return { kind: 'none' };
    }
    if (next.conductor !== hostname || next.epoch !== epoch) {
      return { kind: 'of another' };
    }
    onTry(next);
    const progress = await openProgress(context, trx, next.id);
    if (progress === undefined) {
      return { kind: 'none' };
    }
    await leaveQueue(progress);
    await appendTimeline(trx, progress.node.id, [{ kind: 'wait', message: 'It is this node’s turn.', data: {} }]);
    await enterPhase(progress, 'prepare');
    await writeProgress(progress);
    return { kind: 'admitted', recorded: { run: progress.run, followUp: progress.followUp } };
  });
}

export interface Admission {
  /**
   * Lets in whoever has a place now. Looks that are asked for while one is under way become one more look after it. `tells`: the
   * run that is next may be of another conductor, which hears of the place; hints that were heard are not told on.
   */
  look(options?: { readonly tells?: boolean }): Promise<void>;
}

/** Makes the admission of one conductor; `begin` gets each run that was let in. */
export function createAdmission(context: EngineContext, begin: (recorded: Recorded) => void): Admission {
  let isWanted = false;
  let looking: Promise<void> | undefined;
  let tells = false;

  /** As `admitNext`; a run that can not begin fails, so that it does not keep those behind it waiting. */
  async function admitOrFail(line: Line): Promise<Look> {
    for (let attempt = 1; ; attempt += 1) {
      let tried: Run | undefined;
      try {
        return await admitNext(context, line, (run) => {
          tried = run;
        });
      } catch (error) {
        if (tried === undefined || error instanceof FencedError || error instanceof StoreUnavailableError) {
          throw error;
        }
        context.log.error({ ...line, run: tried.uuid, attempt, err: error }, 'A run whose turn it is could not begin.');
        if (attempt >= TRIES) {
          const recorded = await failInLine(context, tried, error);
          return recorded === undefined ? { kind: 'none' } : { kind: 'admitted', recorded };
        }
      }
    }
  }

  async function lookAtLine(line: Line): Promise<void> {
    for (;;) {
      const look = await admitOrFail(line);
      if (look.kind !== 'admitted') {
        if (look.kind === 'of another' && tells) {
          tells = false;
          context.wake();
        }
        return;
      }
      context.locks.changed(look.recorded.run.node_id);
      begin(look.recorded);
    }
  }

  async function lookAtAll(): Promise<void> {
    try {
      while (isWanted) {
        isWanted = false;
        await lookAtLines();
      }
    } finally {
      // At once, so that nobody is handed this look when it is over.
      looking = undefined;
      tells = false;
    }
  }

  async function lookAtLines(): Promise<void> {
    const seen = new Set<string>();
    for (const { limitClass, conductorGroup } of await linesWithQueue(context.store.read)) {
      const line = lineOf(context.config(), limitClass, conductorGroup ?? '');
      const key = `${line.limitClass}/${line.conductorGroup ?? ''}`;
      if (!seen.has(key)) {
        seen.add(key);
        try {
          await lookAtLine(line);
        } catch (error) {
          if (error instanceof FencedError || error instanceof StoreUnavailableError) {
            throw error;
          }
          context.log.error({ ...line, err: error }, 'Who is next in line could not begin; tried again later.');
        }
      }
    }
  }

  return {
    look(options = {}) {
      isWanted = true;
      tells ||= options.tells === true;
      looking ??= lookAtAll();
      return looking;
    },
  };
}
