// How a fake interface pretends to work: it takes its configured time, and fails when it is told to.

import { setTimeout as sleep } from 'node:timers/promises';
import { type InterfaceKind, registeredError } from '@wrought/contract';
import type { Task } from '../kit/index.ts';

/** Waits for the configured delay of the interface kind, then fails with its configured failure if there is one. */
export async function pretend(task: Task, kind: InterfaceKind): Promise<void> {
  const { minimumSeconds, maximumSeconds } = task.config.fake[`${kind}_delay`];
  const seconds = minimumSeconds + Math.random() * (maximumSeconds - minimumSeconds);
  if (seconds > 0) {
    await sleep(seconds * 1000, undefined, { signal: task.abortSignal });
  }
  const failure = task.config.fake[`${kind}_failure`];
  if (failure !== null) {
    throw registeredError('DriverOperationError', { driver: `fake ${kind}`, reason: failure });
  }
}
