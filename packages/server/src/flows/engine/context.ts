// What the parts of the engine share: the store, the lease, the drivers, and who watches the boundaries of effects.
import type { Node } from '@wrought/contract';
import type { Members } from '../../cluster/members.ts';
import type { Config } from '../../config/index.ts';
import type { NodeInterfaces, TaskLog } from '../../drivers/kit/index.ts';
import type { Run } from '../../store/runs.ts';
import type { Store } from '../../store/store.ts';
import type { Tracing } from '../../tracing/tracing.ts';
import type { ChangeRules } from '../doors.ts';
import type { NodeLocks } from '../locks.ts';
import type { Lease } from './lease.ts';
import type { WorkObserver } from './observer.ts';
import type { TimelineWriter } from './timeline-writer.ts';

/** Where a crash matters: before the effect, after it and before the journal knows, and after the journal knows. */
export type Boundary = 'before effect' | 'after effect' | 'after journal';

/** Called at every boundary of every step; the crash harness ends the process in it. */
export type BoundaryWatcher = (boundary: Boundary, run: Run) => Promise<void> | void;

export interface EngineContext {
  readonly store: Store;
  readonly config: () => Config;
  readonly log: TaskLog;
  readonly lease: Lease;
  readonly members: Members;
  readonly timeline: TimelineWriter;
  /** The interfaces that a node uses; throws an error of the registry when one is not enabled any more. */
  readonly interfacesOf: (node: Node) => NodeInterfaces;
  readonly watchBoundary: BoundaryWatcher | undefined;
  readonly observer?: WorkObserver | undefined;
  /** Absent where no traces are kept. */
  readonly tracing?: Tracing | undefined;
  readonly locks: NodeLocks;
  /** Tells the other conductors that there may be work for them. */
  readonly wake: () => void;
  readonly changeRules: ChangeRules;
}
