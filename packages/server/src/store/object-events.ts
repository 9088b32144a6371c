// Writes events about objects beside their changes: which of them by the configuration, with the object where a sink wants it.
import {
  type EventStatus,
  type JsonObject,
  maskInstanceSecrets,
  maskSecrets,
  type Node,
  type NodeAction,
  type ObjectAction,
  type OutgoingEventType,
  type RecordedObject,
} from '@wrought/contract';
import type { Config } from '../config/index.ts';
import { appendEvents } from './outbox.ts';
import type { Database } from './store.ts';

/** Who tells of a change. */
type Service = 'api' | 'conductor';

/** Whether changes of objects by the API are told at all, besides those of states. */
export function recordsObjects({ events }: Config): boolean {
  return events.record === 'all' || events.sinks.length > 0;
}

/**
 * The object as sinks may have it. What an inspection rule looks for and does goes out of the house for none: a password that it
 * sets is a value like any other, and has no name by which it could be masked.
 */
function shown(kind: RecordedObject, object: JsonObject): JsonObject {
  const masked = maskSecrets(
    kind === 'inspectionrule' ? { ...object, actions: null, conditions: null } : object,
  ) as JsonObject;
  const info = masked.instance_info;
  return typeof info === 'object' && info !== null
    ? { ...masked, instance_info: maskInstanceSecrets(info as JsonObject) }
    : masked;
}

/** Writes one event of a node for each status. */
export async function recordNode(
  db: Database,
  config: Config,
  service: Service,
  node: Node,
  action: NodeAction,
  statuses: readonly EventStatus[],
  data: JsonObject = {},
): Promise<void> {
  await recordObject(db, config, service, {
    object: 'node',
    action,
    statuses,
    value: { ...node },
    node: node.uuid,
    owner: node.owner,
    lessee: node.lessee,
    data: { name: node.name, ...data },
  });
}

/** Something that happened to an object; `node` is the UUID of the node that it belongs to. */
export interface ObjectChange {
  readonly object: RecordedObject;
  readonly action: ObjectAction | NodeAction;
  readonly statuses: readonly EventStatus[];
  readonly value: JsonObject;
  readonly node: string | null;
  readonly owner: string | null;
  readonly lessee: string | null;
  readonly data?: JsonObject;
}

/** Writes one event of an object for each status. */
export async function recordObject(
  db: Database,
  config: Config,
  service: Service,
  { object, action, statuses, value, node, owner, lessee, data = {} }: ObjectChange,
): Promise<void> {
  const isWanted = config.events.sinks.length > 0;
  const snapshot = isWanted ? shown(object, value) : null;
  await appendEvents(
    db,
    statuses.map((status) => ({
      type: `baremetal.${object}.${action}.${status}` as OutgoingEventType,
      node,
      owner,
      lessee,
      publisher: `${service}.${config.conductor.host}`,
      data: { uuid: value.uuid, ...data },
      object: snapshot,
    })),
  );
}
