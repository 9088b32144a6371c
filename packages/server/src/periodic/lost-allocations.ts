// Takes up allocations whose conductor went away before it found a node.
import type { Allocator } from '../flows/allocate.ts';
import type { PeriodicTask } from './task.ts';

export function lostAllocations(allocator: Allocator, everySeconds: number): PeriodicTask {
  return { name: 'lost allocations', everySeconds, run: () => allocator.resumeAll() };
}
