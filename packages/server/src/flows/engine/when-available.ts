// Waits for a database that can not be used at the moment: a run loses nothing by waiting for it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '@wrought/contract';
import type { TaskLog } from '../../drivers/kit/index.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';

const PAUSE_MILLISECONDS = 1_000;

/** Does `work` for a node, again and again while the database can not be used; `signal` ends the waiting with an error. */
export async function whenAvailable<Result>(
  log: TaskLog,
  node: Node,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        throw error;
      }
      log.error({ node: node.uuid, err: error }, 'The database can not be used; a run waits for it.');
      await sleep(PAUSE_MILLISECONDS, undefined, { signal });
    }
  }
}
