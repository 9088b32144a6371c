// All migrations in order; their keys are their names in the database and never change.
import type { Migration } from 'kysely/migration';
import * as foundation from './0001-foundation.ts';
import * as portgroups from './0002-portgroups.ts';
import * as volumes from './0003-volumes.ts';
import * as allocations from './0004-allocations.ts';
import * as nodeParts from './0005-node-parts.ts';
import * as runbooks from './0006-runbooks.ts';
import * as inspectionRules from './0007-inspection-rules.ts';
import * as projectOfRuns from './0008-project-of-runs.ts';
import * as cluster from './0009-cluster.ts';
import * as queue from './0010-queue.ts';
import * as levelOfConductors from './0011-level-of-conductors.ts';
import * as events from './0012-events.ts';
import * as refusedEvents from './0013-refused-events.ts';
import * as imageServers from './0014-image-servers.ts';
import * as eventIndexes from './0015-event-indexes.ts';
import * as traces from './0016-traces.ts';
import * as powerUpdates from './0017-power-updates.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-foundation': foundation,
  '0002-portgroups': portgroups,
  '0003-volumes': volumes,
  '0004-allocations': allocations,
  '0005-node-parts': nodeParts,
  '0006-runbooks': runbooks,
  '0007-inspection-rules': inspectionRules,
  '0008-project-of-runs': projectOfRuns,
  '0009-cluster': cluster,
  '0010-queue': queue,
  '0011-level-of-conductors': levelOfConductors,
  '0012-events': events,
  '0013-refused-events': refusedEvents,
  '0014-image-servers': imageServers,
  '0015-event-indexes': eventIndexes,
  '0016-traces': traces,
  '0017-power-updates': powerUpdates,
};
