// Fails what waited longer than it may, for deadlines that passed while no timer watched them.
import type { Engine } from '../flows/engine/engine.ts';
import type { PeriodicTask } from './task.ts';

export function callbackTimeouts(engine: Engine, everySeconds: number): PeriodicTask {
  return { name: 'callback time-outs', everySeconds, run: () => engine.failOverdue() };
}
