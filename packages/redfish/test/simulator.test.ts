// The whole library on simulated services of every model: a tour through what each has, over TLS and with sessions.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type RedfishSimulatorOptions, redfishModelNames, startRedfishSimulator } from '@wrought/lab';
import * as redfish from '../src/index.ts';

const pauses = { pollMilliseconds: 5, maximumPollMilliseconds: 50 };

async function open(options: Omit<RedfishSimulatorOptions, 'count'>, more: Partial<redfish.ClientOptions> = {}) {
  const simulator = await startRedfishSimulator({ count: 1, resetSeconds: 0, taskSeconds: 0, ...options });
  const [service] = simulator.bmcs;
  assert.ok(service !== undefined);
  const oddities: redfish.Oddity[] = [];
  const client = redfish.createClient({
    url: service.url,
    userName: 'admin',
    password: 'secret12',
    tls: { trust: { caPem: simulator.certificateOf(service) } },
    retryDelayMilliseconds: 1,
    onOddity: (oddity) => oddities.push(oddity),
    ...more,
  });
  const system = await redfish.onlySystem(client);
  const [manager] = await redfish.managersOf(client, system);
  assert.ok(manager !== undefined);
  await redfish.adoptQuirks(client, system, manager);
  return {
    simulator,
    service,
    client,
    system,
    manager,
    oddities,
    /** The system as it is now. */
    now: () => client.get(system.path),
    async [Symbol.asyncDispose]() {
      await client.close();
      await simulator.close();
    },
  };
}

for (const model of redfishModelNames) {
  test(`${model}: power and boot`, async () => {
    await using it = await open({ model });
    const { client, system, now } = it;
    assert.equal(redfish.readSystem(system).powerState, 'Off');
    await redfish.resetSystem(client, system, 'On');
    assert.equal(redfish.readSystem(await now()).powerState, 'On');
    await redfish.setBootOverride(client, await now(), { target: 'Pxe', enabled: 'Once', mode: 'UEFI' });
    const boot = await redfish.readBoot(client, await now());
    assert.deepEqual([boot.target, boot.enabled], ['Pxe', 'Once']);
    const hasMode = boot.mode !== undefined;
    if (hasMode) assert.equal(boot.mode, 'UEFI');
    const options = await redfish.readBootOptions(client, await now());
    assert.ok(options.every(({ reference }) => reference !== undefined));
    await redfish.resetSystem(client, await now(), ['GracefulRestart', 'ForceRestart']);
    await redfish.resetSystem(client, await now(), 'ForceOff');
    assert.equal(redfish.readSystem(await now()).powerState, 'Off');
    assert.equal(it.simulator.counts.logins, 1);
    assert.equal(it.simulator.counts.connections, 1);
    await client.close();
    assert.deepEqual(
      it.oddities.map(({ property }) => property),
      hasMode ? [] : ['Boot/BootSourceOverrideMode'],
    );
  });

  test(`${model}: inventory, readings, health, accounts and certificates`, async () => {
    await using it = await open({ model });
    const { client, system, manager } = it;
    const processors = await redfish.readProcessors(client, system);
    assert.ok(processors.length > 0 && processors.every(({ cores }) => (cores ?? 0) > 0));
    assert.ok((await redfish.readMemory(client, system)).every(({ capacityMiB }) => (capacityMiB ?? 0) > 0));
    const interfaces = await redfish.readEthernetInterfaces(client, system);
    assert.ok(
      interfaces.length > 0 && interfaces.every(({ macAddress }) => /^([0-9a-f]{2}:){5}/.test(macAddress ?? '')),
    );
    await redfish.readPciDevices(client, system);
    for (const chassis of await redfish.chassisOf(client, system)) {
      assert.ok(redfish.readChassis(chassis).name !== undefined);
      const { sensors, powerSupplies } = await redfish.readChassisReadings(client, chassis);
      assert.ok(sensors.some(({ kind, reading }) => kind === 'temperature' && reading !== undefined));
      assert.ok(sensors.some(({ kind }) => kind === 'fan'));
      assert.ok(powerSupplies.length > 0);
      await redfish.readPowerMetrics(client, chassis);
      for (const adapter of await redfish.readNetworkAdapters(client, chassis)) {
        await redfish.readNetworkPorts(client, adapter);
        await redfish.readNetworkFunctions(client, adapter);
      }
    }
    assert.equal(redfish.readStatus(system).health ?? redfish.readStatus(system).healthRollup, 'OK');
    assert.match(redfish.readManager(manager).firmwareVersion ?? '', /\d/);
    assert.ok((await redfish.readNetworkProtocol(client, manager)).services.some(({ name }) => name === 'HTTPS'));
    await redfish.setClock(client, manager, new Date('2026-01-01T00:00:00Z'));
    assert.ok((await redfish.listAccounts(client)).some(({ userName }) => userName === 'admin'));
    assert.equal((await redfish.listSessions(client)).length, 1);
    assert.deepEqual(it.oddities, []);
  });

  test(`${model}: virtual media, BIOS, secure boot and lights`, async () => {
    await using it = await open({ model });
    const { client, system, now } = it;
    const image = createServer((_, response) => response.end('image')).listen(0, '127.0.0.1');
    await once(image, 'listening');
    try {
      const drives = await redfish.listVirtualMedia(client, system);
      const drive = drives.find(({ mediaTypes }) => mediaTypes.includes('CD') || mediaTypes.includes('DVD'));
      assert.ok(drive !== undefined);
      const url = `http://127.0.0.1:${(image.address() as AddressInfo).port}/boot.iso`;
      const read = async () => redfish.readVirtualMedia(await client.get(drive.resource.path));
      await client.task(await redfish.insertMedia(client, drive.resource, { image: url }), pauses);
      assert.deepEqual([(await read()).isInserted, (await read()).image], [true, url]);
      await redfish.ejectMedia(client, (await read()).resource);
      assert.equal((await read()).isInserted, false);
      await redfish.ejectMedia(client, (await read()).resource);
    } finally {
      image.close();
    }
    const bios = await redfish.readBios(client, system);
    const attributes = await redfish.readBiosRegistry(client, bios);
    const [name, described] =
      [...attributes].find(
        ([, { type, isReadOnly, allowedValues }]) =>
          type === 'Enumeration' && isReadOnly !== true && allowedValues.length > 1,
      ) ?? [];
    assert.ok(name !== undefined && described !== undefined);
    const other = described.allowedValues.find((value) => value !== bios.attributes[name]) ?? '';
    const answer = await redfish.setBiosAttributes(client, bios, { [name]: other });
    assert.deepEqual(await redfish.pendingBiosAttributes(client, bios), { [name]: other });
    await redfish.resetSystem(client, await now(), 'On');
    await client.task(answer, pauses);
    assert.equal((await redfish.readBios(client, system)).attributes[name], other);

    const { resource, isEnabled } = await redfish.readSecureBoot(client, await now());
    await redfish.setSecureBoot(client, resource, isEnabled !== true);
    assert.equal((await redfish.readSecureBoot(client, await now())).isEnabled, isEnabled !== true);
    await redfish.resetSecureBootKeys(client, resource, 'ResetAllKeysToDefault');
    if (redfish.hasIndicator(system)) {
      await redfish.setIndicator(client, await now(), 'Blinking');
      assert.equal(redfish.readIndicator(await now()), 'Blinking');
    }
    assert.deepEqual(it.oddities, []);
  });

  test(`${model}: volumes and firmware`, async () => {
    await using it = await open({ model });
    const { client, system, now } = it;
    const [storage] = await redfish.listStorage(client, system);
    assert.ok(storage !== undefined && storage.controllers.length > 0);
    const drives = await redfish.readDrives(client, storage);
    assert.ok(drives.length >= 2);
    for (const old of await redfish.listVolumes(client, storage)) {
      await client.task(await redfish.deleteVolume(client, old), pauses);
    }
    if (storage.volumesPath !== undefined) {
      const applyTimes = await redfish.volumeApplyTimes(client, storage);
      const applyTime = applyTimes.includes('Immediate') ? ({ applyTime: 'Immediate' } as const) : {};
      const wanted = {
        raidType: 'RAID1',
        drivePaths: drives.slice(0, 2).map(({ path }) => path),
        name: 'root',
      } as const;
      const made = await redfish.createVolume(client, storage, wanted, applyTime);
      // Volumes that are made with the next boot.
      if (applyTimes.length > 0 && !applyTimes.includes('Immediate'))
        await redfish.resetSystem(client, await now(), 'On');
      await client.task(made, pauses);
      const [volume] = await redfish.listVolumes(client, storage);
      assert.equal(volume?.raidType, 'RAID1');
      assert.equal(volume?.drivePaths.length, 2);
    }

    const update = await redfish.readUpdateService(client);
    const before = await redfish.readFirmware(client, update);
    assert.ok(before.length > 0 && before.every(({ version }) => version !== undefined));
    const image = { bytes: Buffer.from('firmware'), name: 'firmware.bin' };
    const seen: string[] = [];
    const onProgress = ({ outcome }: redfish.TaskProgress) => void seen.push(outcome);
    await client.task(await redfish.pushUpdate(client, update, image), { ...pauses, onProgress });
    assert.equal(seen.at(-1), 'succeeded');
    assert.equal((await redfish.readFirmware(client, update)).length, before.length);
    assert.deepEqual(it.oddities, []);
  });
}

test('events are pushed to a subscriber and streamed', async () => {
  await using it = await open({ model: 'generic' });
  const { client } = it;
  const service = await redfish.readEventService(client);
  const pushed: redfish.Event[] = [];
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    pushed.push(redfish.readEvent(JSON.parse(Buffer.concat(chunks).toString())));
    response.writeHead(204).end();
    receiver.emit('event');
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  try {
    const destination = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const { path } = await redfish.createSubscription(client, service, { destination, context: 'node-1' });
    assert.ok(path !== undefined);
    assert.equal((await redfish.listSubscriptions(client, service))[0]?.destination, destination);
    const arrived = once(receiver, 'event');
    await redfish.sendTestEvent(client, service);
    await arrived;
    assert.equal(pushed[0]?.context, 'node-1');
    await redfish.deleteSubscription(client, path);

    const controller = new AbortController();
    const events = redfish.streamEvents(client, service, { signal: controller.signal });
    const next = events.next();
    // An event that comes before the stream is open would be missed: they are sent until one arrives.
    let streamed: redfish.Event | undefined;
    while (streamed === undefined) {
      await redfish.sendTestEvent(client, service);
      streamed = await Promise.race([
        next.then(({ value }) => value ?? undefined),
        new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))),
      ]);
    }
    assert.ok(streamed.records.length > 0);
    controller.abort();
    await events.return();
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
});

test('services with faults are still managed', async () => {
  for (const fault of ['weak', 'missing', 'mistyped', 'error', 'expired'] as const) {
    await using it = await open({ faults: { [fault]: 1 }, faultRate: 0.3, seed: 7 }, { maximumAttempts: 6 });
    await redfish.resetSystem(it.client, it.system, 'On');
    await redfish.setBootOverride(it.client, await it.now(), { target: 'Pxe', enabled: 'Once' });
    assert.equal((await redfish.readBoot(it.client, await it.now())).target, 'Pxe', fault);
  }
});
