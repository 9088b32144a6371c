// What the parts of one process share while they are put together.
import type { Logger } from 'pino';
import type { BootServices } from './boot/services.ts';
import type { Cluster } from './cluster/join.ts';
import type { Config } from './config/index.ts';
import type { Driver } from './drivers/kit/index.ts';
import type { Metrics } from './metrics/index.ts';
import type { Store } from './store/store.ts';
import type { ServerTracing } from './tracing/index.ts';

export interface ProcessParts {
  /** The configuration in force now. */
  readonly config: () => Config;
  readonly log: Logger;
  readonly store: Store;
  /** Absent where one process does all. */
  readonly cluster: Cluster | undefined;
  readonly boot: BootServices;
  /** Absent where none are kept. */
  readonly metrics: Metrics | undefined;
  /** Absent where none are kept. */
  readonly tracing: ServerTracing | undefined;
  readonly drivers: readonly Driver[];
  /** What has to be given back, the last one first. */
  readonly opened: (() => unknown)[];
}
