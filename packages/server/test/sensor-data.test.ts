// Readings of sensors: of which machines, to whom, and in which form.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { OutgoingEvent } from '@wrought/contract';
import { loadConfig } from '../src/config/index.ts';
import type { AnyInterface } from '../src/drivers/kit/index.ts';
import { createMetrics } from '../src/metrics/index.ts';
import { osloEnvelope } from '../src/notify/oslo-envelope.ts';
import { createSensorSender } from '../src/notify/sensor-sender.ts';
import { outgoing } from './notify/events.ts';
import { silentLog, startConductor, type TestConductorOptions } from './support/conductor.ts';
import { scripted, scriptedDriver } from './support/scripted-driver.ts';

async function setUp(t: TestContext, options: TestConductorOptions = {}) {
  const told: OutgoingEvent[] = [];
  const server = await startConductor(t, {
    ...options,
    set: ['sensor_data.send_sensor_data=true', ...(options.set ?? [])],
    tellSensors: (event) => told.push(event),
  });
  return { ...server, told };
}

test('machines with an instance are read, in the form of Ironic; those in maintenance and of other states are not', async (t) => {
  const { conductor, node, told } = await setUp(t);
  const active = await node({ provision_state: 'active', power_state: 'power on', name: 'web-1', instance_uuid: null });
  await node({ provision_state: 'active', maintenance: true });
  await node({ provision_state: 'available' });
  await conductor.readSensors();
  assert.equal(told.length, 1);
  const [event] = told;
  assert.deepEqual(
    [event?.type, event?.node, event?.publisher.split('.')[0]],
    ['hardware.fake-hardware.metrics', active.uuid, 'conductor'],
  );
  const { payload, message_id, timestamp, ...message } = event?.data ?? {};
  assert.deepEqual(message, {
    instance_uuid: null,
    node_uuid: active.uuid,
    node_name: 'web-1',
    event_type: 'hardware.fake-hardware.metrics.update',
  });
  assert.deepEqual([typeof message_id, typeof timestamp], ['string', 'string']);
  assert.deepEqual(Object.keys(payload as object).sort(), ['Fan', 'Power', 'Temperature']);
  assert.equal(JSON.stringify(payload).includes('"Sensor Reading":"24 degrees C"'), true);
});

test('types can be chosen, machines without an instance read, and drivers without sensors are passed over', async (t) => {
  const driver = scriptedDriver({});
  const { conductor, node, told } = await setUp(t, {
    ...scripted(
      driver,
      'sensor_data.send_sensor_data=true',
      'sensor_data.data_types=["temperature"]',
      'sensor_data.enable_for_undeployed_nodes=true',
    ),
  });
  const available = await node({ provision_state: 'available' });
  await node({ provision_state: 'active', driver: 'scripted' });
  await conductor.readSensors();
  assert.deepEqual(
    told.map((event) => [event.node, Object.keys(event.data.payload as object)]),
    [[available.uuid, ['Temperature']]],
  );
});

test('a machine whose sensors can not be read costs the others nothing, and its metrics go', async (t) => {
  const metrics = createMetrics();
  t.after(() => metrics.close());
  const driver = scriptedDriver({});
  const interfaces = driver.interfaces.map(
    (each): AnyInterface =>
      each.kind === 'management'
        ? {
            ...each,
            async getSensorsData() {
              throw new Error('The BMC hangs.');
            },
          }
        : each,
  );
  const { conductor, node, store, told } = await setUp(t, {
    observer: metrics.work,
    ...scripted({ ...driver, interfaces }, 'sensor_data.send_sensor_data=true'),
  });
  await node({ provision_state: 'active', driver: 'scripted' });
  metrics.watchRuns(store, 'unused', silentLog);
  const url = await metrics.listen('127.0.0.1:0');
  const one = await node({ provision_state: 'active', power_state: 'power on', name: 'one' });
  await node({ provision_state: 'active', power_state: 'power off', name: 'two' });
  await conductor.readSensors();
  assert.equal(told.length, 2);
  const lines = async () => {
    const text = await (await fetch(url)).text();
    return text.split('\n').filter((line) => line.startsWith('wrought_sensor_value'));
  };
  assert.deepEqual(
    (await lines()).filter((line) => line.includes('name="one"')),
    [
      `wrought_sensor_value{node="${one.uuid}",name="one",type="Temperature",sensor="Inlet Temp (0x1)",unit="degrees C"} 24`,
      `wrought_sensor_value{node="${one.uuid}",name="one",type="Fan",sensor="Fan 1 (0x2)",unit="RPM"} 4200`,
    ],
  );
  await store.transaction((trx) => trx.updateTable('nodes').set({ maintenance: 1 }).where('id', '=', one.id).execute());
  await conductor.readSensors();
  assert.equal((await lines()).length, 2, 'only those of the other machine');
});

test('the message bus gets the message itself, not one of the versioned objects', () => {
  const data = { node_uuid: 'n', event_type: 'hardware.ipmi.metrics.update', payload: { Fan: {} } };
  const envelope = JSON.parse(osloEnvelope(outgoing({ type: 'hardware.ipmi.metrics', data })));
  const message = JSON.parse(envelope['oslo.message']);
  assert.deepEqual([message.event_type, message.priority, message.payload], ['hardware.ipmi.metrics', 'INFO', data]);
});

test('every sink gets them, and one that is down is given up until the next ones', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-sensors-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const posts: { events: OutgoingEvent[] }[] = [];
  let isDown = true;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    if (!isDown) {
      posts.push(JSON.parse(body));
    }
    response.writeHead(isDown ? 500 : 204).end(() => server.emit('answered'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const file = join(directory, 'events.jsonl');
  const config = loadConfig({
    dataDirectory: directory,
    set: [
      'events.sinks=["log", "webhook"]',
      `events.log_file=${file}`,
      `events.webhook_url=http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ],
  });
  const lost = Promise.withResolvers<object>();
  const sender = createSensorSender(config, { warn: (fields) => lost.resolve(fields) });
  const event = outgoing({ id: 0, type: 'hardware.ipmi.metrics', data: { node_uuid: 'n' } });
  sender.send(event);
  assert.deepEqual({ ...(await lost.promise), err: null }, { sink: 'webhook', lost: 1, err: null });
  isDown = false;
  // A stop drops what no sink has taken yet: both have to have the second one before.
  const logged = Promise.withResolvers<void>();
  const watcher = watch(directory, () => {
    if (existsSync(file) && readFileSync(file, 'utf8').split('\n').length === 3) {
      logged.resolve();
    }
  });
  t.after(() => watcher.close());
  const answered = once(server, 'answered');
  sender.send({ ...event, uuid: '00000000-0000-4000-8000-000000000002' });
  await Promise.all([answered, logged.promise]);
  await sender.stop();
  assert.deepEqual(
    posts.flatMap(({ events }) => events.map(({ uuid }) => uuid)),
    ['00000000-0000-4000-8000-000000000002'],
  );
});
