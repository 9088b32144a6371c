// The project's own Redfish client reads and drives a service of each model, and bears or tells its faults.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Client,
  createClient,
  createVolume,
  deleteVolume,
  ejectMedia,
  insertMedia,
  listStorage,
  listVirtualMedia,
  listVolumes,
  managersOf,
  onlySystem,
  pendingBiosAttributes,
  pushUpdate,
  RedfishError,
  type ResetType,
  readBios,
  readBiosRegistry,
  readBoot,
  readChassisReadings,
  readDrives,
  readEthernetInterfaces,
  readEventService,
  readFirmware,
  readIndicator,
  readManager,
  readMemory,
  readPciDevices,
  readProcessors,
  readSecureBoot,
  readSystem,
  readUpdateService,
  resetSystem,
  setBiosAttributes,
  setBootOrder,
  setBootOverride,
  setClock,
  setIndicator,
  setSecureBoot,
  streamEvents,
} from '@wrought/redfish';
import {
  createRedfishFault,
  type FakeMachine,
  type RedfishFaultName,
  redfishFaultNames,
  redfishModelNames,
} from '../src/index.ts';
import { login } from './bmc-peers.ts';
import { startService } from './redfish-peers.ts';

type Options = Parameters<typeof startService>[1];

/** A client with a session, that is closed before its service is. */
async function startClient(
  t: TestContext,
  options: Options = {},
  settings: Partial<Parameters<typeof createClient>[0]> = {},
) {
  const { simulator, bmc } = await startService(t, { scheme: 'https', ...options });
  const isPlain = options.scheme === 'http';
  const trust = isPlain ? {} : { tls: { trust: { caPem: simulator.certificateOf(bmc) } } };
  const oddities: unknown[] = [];
  const client = createClient({
    ...{ url: bmc.url, ...login, ...trust },
    retryDelayMilliseconds: 10,
    onOddity: (oddity) => oddities.push(oddity),
    ...settings,
  });
  t.after(() => client.close());
  return { client, bmc, simulator, oddities, machine: bmc.machine as FakeMachine };
}

const restart = async (client: Client) => resetSystem(client, await onlySystem(client), 'ForceRestart');
const quickly = { pollMilliseconds: 10 };

for (const model of redfishModelNames) {
  test(`power, boot and media of the model ${model}`, async (t) => {
    const { client, bmc, machine, oddities } = await startClient(t, { model });
    const system = () => onlySystem(client);
    const read = readSystem(await system());
    assert.deepEqual([read.manufacturer, read.uuid?.toLowerCase()], [bmc.model.manufacturer, bmc.uuid]);
    for (const [type, power] of [
      ['On', 'On'],
      ['GracefulRestart', 'On'],
      ['ForceOff', 'Off'],
    ] as const) {
      await resetSystem(client, await system(), type as ResetType);
      assert.equal(readSystem(await system()).powerState, power);
    }
    await setBootOverride(client, await system(), { target: 'Pxe', enabled: 'Once' });
    assert.equal((await readBoot(client, await system())).target, 'Pxe');
    await resetSystem(client, await system(), 'On');
    assert.equal(machine.booted?.target, 'Pxe');
    const { order } = await readBoot(client, await system());
    assert.ok(order !== undefined && order.length >= 2);
    await setBootOrder(client, await system(), [...order].reverse());
    await restart(client);
    assert.deepEqual((await readBoot(client, await system())).order, [...order].reverse());

    const image = 'http://192.0.2.1/agent.iso';
    const findCd = async () =>
      (await listVirtualMedia(client, await system())).find((each) => each.mediaTypes.includes('CD'));
    const drive = await findCd();
    assert.ok(drive);
    await insertMedia(client, drive.resource, { image, mediaType: 'CD' });
    assert.equal(machine.media.get('cd')?.image, image);
    const full = await findCd();
    assert.deepEqual([full?.isInserted, full?.image], [true, image]);
    assert.ok(full);
    await ejectMedia(client, full.resource);
    assert.equal((await findCd())?.isInserted, false);
    assert.deepEqual(oddities, []);
  });

  test(`settings, hardware, volumes and firmware of the model ${model}`, async (t) => {
    const { client, bmc, oddities } = await startClient(t, { model });
    const system = () => onlySystem(client);
    const bios = async () => readBios(client, await system());
    const now = await bios();
    const [name] = Object.entries(now.attributes).find(([, value]) => /^Enabled?$/.test(String(value))) ?? [''];
    const registry = await readBiosRegistry(client, now);
    assert.ok(registry.has(name), name);
    const other = String(now.attributes[name]).replace('Enable', 'Disable');
    await setBiosAttributes(client, now, { [name]: other });
    assert.deepEqual(await pendingBiosAttributes(client, await bios()), { [name]: other });
    const secure = await readSecureBoot(client, await system());
    await setSecureBoot(client, secure.resource, true);
    await resetSystem(client, await system(), 'On');
    assert.equal((await bios()).attributes[name], other);
    assert.equal((await readSecureBoot(client, await system())).isActive, true);
    await setIndicator(client, await system(), 'Blinking');
    assert.notEqual(readIndicator(await system()), 'Off');

    assert.equal((await readProcessors(client, await system())).length, 2);
    assert.ok(
      (await readMemory(client, await system())).every(({ capacityMiB }) => capacityMiB === bmc.model.system.dimmMiB),
    );
    const ports = await readEthernetInterfaces(client, await system());
    assert.deepEqual(
      ports.map(({ macAddress }) => macAddress),
      bmc.macs,
    );
    assert.equal((await readPciDevices(client, await system())).length, 2);
    const [manager] = await managersOf(client, await system());
    assert.ok(manager);
    assert.equal(readManager(manager).firmwareVersion, bmc.model.firmwareVersion);
    await setClock(client, manager, new Date(Date.UTC(2033, 1, 2)));
    const [chassis] = await client.members('/redfish/v1/Chassis');
    assert.ok(chassis);
    const { sensors, powerSupplies } = await readChassisReadings(client, chassis);
    assert.ok(sensors.some(({ kind, reading }) => kind === 'temperature' && reading === 23));
    assert.equal(powerSupplies.length, 2);

    const [storage] = await listStorage(client, await system());
    assert.ok(storage);
    const drives = await readDrives(client, storage);
    assert.equal(drives.length, bmc.model.storage[0]?.drives.length);
    if (storage.volumesPath !== undefined) {
      const drivePaths = drives.slice(0, 2).map(({ path }) => path);
      await client.task(await createVolume(client, storage, { raidType: 'RAID1', drivePaths }), quickly);
      const [volume] = await listVolumes(client, storage);
      assert.equal(volume?.raidType, 'RAID1');
      assert.ok(volume);
      await client.task(await deleteVolume(client, volume), quickly);
      assert.deepEqual(await listVolumes(client, storage), []);
    }

    const service = await readUpdateService(client);
    const firmware = async () => readFirmware(client, service);
    const target = (await firmware()).find(({ id }) =>
      bmc.model.update.firmware.some((each) => each.id === id && each.part === 'bios'),
    );
    assert.ok(target);
    const image = { bytes: Buffer.from('{"Part":"bios","Version":"7.7.7"}'), name: 'image.json' };
    await client.task(await pushUpdate(client, service, image), quickly);
    await restart(client);
    assert.equal((await firmware()).find(({ id }) => id === target.id)?.version, '7.7.7');
    assert.deepEqual(oddities, []);
  });
}

test('events come over the stream', async (t) => {
  const { client } = await startClient(t);
  const stop = new AbortController();
  const stream = streamEvents(client, await readEventService(client), { signal: stop.signal });
  const first = stream.next();
  const system = await onlySystem(client);
  const events: string[] = [];
  // The stream may open after a change: change on until something comes.
  const change = setInterval(() => void resetSystem(client, system, ['PushPowerButton', 'On']).catch(() => {}), 50);
  const { value } = await first;
  clearInterval(change);
  events.push(...(value?.records.map(({ messageId }) => String(messageId)) ?? []));
  assert.match(String(events[0]), /^ResourceEvent\.1\.2\.ResourcePowered(On|Off)$/);
  stop.abort();
  await stream.return();
});

test('all sessions taken: the oldest one left over from this address makes room', async (t) => {
  const { client, bmc } = await startClient(t, { sessionLimit: 1, scheme: 'http' });
  const left = await fetch(`${bmc.url}/redfish/v1/SessionService/Sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ UserName: login.userName, Password: login.password }),
  });
  assert.equal(left.status, 201);
  assert.equal(readSystem(await onlySystem(client)).powerState, 'Off');
});

/** With these a read ends in an error, always; with the others it ends in an answer when they strike a part of the time. */
const fatal: readonly RedfishFaultName[] = ['silent', 'certificate'];

for (const name of redfishFaultNames) {
  test(`with the fault "${name}" each read is answered right or fails with its reason`, async (t) => {
    const { client, bmc, simulator } = await startClient(t, {}, { timeoutMilliseconds: 1500 });
    bmc.fault = createRedfishFault(name, 3, bmc.name, fatal.includes(name) ? 1 : 0.3);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, async () => {
        const system = await onlySystem(client);
        return readSystem(system).powerState;
      }),
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof RedfishError, String(outcome.reason));
      else assert.ok(['Off', undefined].includes(outcome.value), String(outcome.value));
    }
    const answered = outcomes.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(fatal.includes(name) ? answered === 0 : answered > 0, `${answered} were answered`);
    bmc.fault = undefined;
    assert.equal(readSystem(await onlySystem(client)).powerState, 'Off');
    assert.ok(simulator.counts.requests > 0);
  });
}
