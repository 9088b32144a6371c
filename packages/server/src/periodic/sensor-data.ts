// Reads the sensors of the machines and tells what they measure, to the sinks in Ironic's form and to whoever keeps metrics.
import { randomUUID } from 'node:crypto';
import type { JsonObject, Node, OutgoingEvent } from '@wrought/contract';
import { FencedError } from '../cluster/fenced-error.ts';
import type { SensorReading } from '../drivers/kit/index.ts';
import type { EngineContext } from '../flows/engine/context.ts';
import { nodeTask } from '../flows/engine/node-task.ts';
import { createSlots } from '../flows/engine/slots.ts';
import { findNode } from '../store/nodes.ts';
import { now } from '../store/time.ts';
import { StoreUnavailableError } from '../store/unavailable.ts';
import { looksAtOnce } from './look-slots.ts';
import type { PeriodicTask } from './task.ts';

/** Readings by type and name, those of the wanted types. */
function payloadOf(readings: readonly SensorReading[]): JsonObject {
  const byType: Record<string, JsonObject> = {};
  for (const { type, name, fields } of readings) {
    byType[type] = { ...byType[type], [name]: fields };
  }
  return byType;
}

/** The event, with the message inside that consumers of Ironic's notifications read. */
function eventOf(node: Node, readings: readonly SensorReading[], host: string): OutgoingEvent {
  const uuid = randomUUID();
  const at = now();
  const type = `hardware.${node.driver}.metrics` as const;
  return {
    id: 0,
    uuid,
    at,
    type,
    node: node.uuid,
    publisher: `conductor.${host}`,
    data: {
      message_id: uuid,
      instance_uuid: node.instance_uuid,
      node_uuid: node.uuid,
      node_name: node.name,
      timestamp: at,
      event_type: `${type}.update`,
      payload: payloadOf(readings),
    },
    object: null,
  };
}

/** Makes the task; `tell` hands an event to the sinks. */
export function sensorData(context: EngineContext, tell: (event: OutgoingEvent) => void): PeriodicTask {
  const { store, config, members, lease, observer, log } = context;
  const { send_sensor_data: isWanted, interval } = config().sensor_data;

  async function candidates(): Promise<string[]> {
    let query = store.read
      .selectFrom('nodes')
      .select(['uuid', 'driver', 'conductor_group'])
      .where('maintenance', '=', 0)
      .where('parent_node', 'is', null)
      .orderBy('id');
    if (!config().sensor_data.enable_for_undeployed_nodes) {
      query = query.where('provision_state', '=', 'active');
    }
    return (await query.execute()).filter((row) => members.ownerOf(row) === lease.hostname).map(({ uuid }) => uuid);
  }

  /** The readings of the wanted types; undefined where the machine tells none. */
  async function read(node: Node, signal: AbortSignal | undefined): Promise<readonly SensorReading[] | undefined> {
    const { wait_timeout: limit, data_types: types } = config().sensor_data;
    const patience = AbortSignal.timeout(limit * 1000);
    const abortSignal = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    const { task } = await nodeTask(context, node, { abortSignal, isBackground: true });
    const { management } = task.interfaces;
    if (management.getSensorsData === undefined) {
      return undefined;
    }
    await management.validate(task);
    const readings = await management.getSensorsData(task);
    const wanted = new Set(types.map((type) => type.toLowerCase()));
    return wanted.has('all') ? readings : readings.filter(({ type }) => wanted.has(type.toLowerCase()));
  }

  async function look(uuid: string, signal: AbortSignal | undefined): Promise<void> {
    const node = await findNode(store.read, uuid);
    if (node === undefined) {
      return;
    }
    try {
      const readings = await read(node, signal);
      if (readings !== undefined) {
        observer?.sensorsRead(node, readings);
        if (readings.length > 0) {
          tell(eventOf(node, readings, lease.hostname));
        }
      }
    } catch (error) {
      if (error instanceof FencedError || error instanceof StoreUnavailableError || signal?.aborted) {
        throw error;
      }
      observer?.sensorsRead(node, []);
      // A BMC that is gone is found by the power sync, which says so where people look.
      log.debug({ node: uuid, err: error }, 'The sensors of a node could not be read.');
    }
  }

  return {
    name: 'sensor data',
    everySeconds: isWanted ? interval : 0,
    async run(signal) {
      const slots = createSlots(() => looksAtOnce(config().sensor_data.workers, config()));
      const uuids = await candidates();
      observer?.sensorRoundBegan(uuids);
      await Promise.all(uuids.map((uuid) => slots.use(async () => (signal?.aborted ? undefined : look(uuid, signal)))));
    },
  };
}
