// What simulated Redfish services do besides power: BIOS, media, volumes, firmware, tasks, events, certificates, clocks, captured services.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCertificate } from '@wrought/agent/certificate';
import { type FakeMachine, redfishModelNames, startRedfishSimulator } from '../src/index.ts';
import { temporaryFolder } from './bmc-peers.ts';
import { basic, keysOf, type Reply, send, startService } from './redfish-peers.ts';

type Ask = Awaited<ReturnType<typeof startService>>['ask'];

const reset = (ask: Ask, system = '1', type = 'ForceRestart') =>
  ask('POST', `/Systems/${system}/Actions/ComputerSystem.Reset`, { ResetType: type });

/** Follows a 202 to the end of its task. */
async function settled(ask: Ask, reply: Reply): Promise<{ readonly state: string; readonly status: number }> {
  assert.equal(reply.status, 202, JSON.stringify(reply.body));
  const task = reply.body['@odata.id'].replace('/redfish/v1', '');
  for (;;) {
    const { body } = await ask('GET', task);
    if (!['Running', 'Pending'].includes(body.TaskState)) {
      const monitor = await ask('GET', body.TaskMonitor.replace('/redfish/v1', ''));
      return { state: body.TaskState, status: monitor.status };
    }
    await sleep(10);
  }
}

/** A web server with files for one test; what is sent to it can be awaited. */
async function startWeb(t: TestContext, files: Readonly<Record<string, string>> = {}) {
  const arrivals: unknown[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      arrivals.push(JSON.parse(text));
      server.emit('arrival');
    }
    const file = files[request.url ?? ''];
    response.writeHead(file === undefined && request.method === 'GET' ? 404 : 200).end(file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { server, arrivals, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('BIOS attributes are checked against their registry and count from the next boot', async (t) => {
  const { ask } = await startService(t);
  const registry = (await ask('GET', '/Registries/BiosAttributeRegistry/BiosAttributeRegistry.v1_0_0.json')).body;
  const entries: { AttributeName: string; Type: string }[] = registry.RegistryEntries.Attributes;
  assert.deepEqual([...new Set(entries.map(({ Type }) => Type))].sort(), [
    'Boolean',
    'Enumeration',
    'Integer',
    'String',
  ]);
  const change = (Attributes: object) => ask('PATCH', '/Systems/1/Bios/Settings', { Attributes });
  const wrong = { BootMode: 'Moon', BootTimeout: 99, QuietBoot: 'yes', SystemModelName: 'x', Nonsense: 1 };
  assert.deepEqual(keysOf(await change(wrong)), [
    'PropertyValueNotInList',
    'PropertyValueOutOfRange',
    'PropertyValueTypeError',
    'PropertyNotWritable',
    'PropertyUnknown',
  ]);
  assert.deepEqual((await change({ BootTimeout: 9 })).body.Attributes, { BootTimeout: 9 });
  const now = async () => (await ask('GET', '/Systems/1/Bios')).body.Attributes.BootTimeout;
  assert.equal(await now(), 5);
  await reset(ask);
  assert.equal(await now(), 9);
  assert.deepEqual((await ask('GET', '/Systems/1/Bios/Settings')).body.Attributes, {});
  assert.deepEqual((await ask('POST', '/Systems/1/Bios/Actions/Bios.ResetBios')).status, 200);
  await reset(ask);
  assert.equal(await now(), 5);
});

test('a Dell-like service makes a job of BIOS attributes that have an apply time', async (t) => {
  const { ask } = await startService(t, { model: 'idrac' });
  const made = await ask('PATCH', '/Systems/System.Embedded.1/Bios/Settings', {
    Attributes: { LogicalProc: 'Disabled' },
    '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' },
  });
  assert.match(String(made.headers.location), /\/TaskService\/Tasks\/JID_\d{12}$/);
  assert.equal(made.body.TaskState, 'Pending');
  await reset(ask, 'System.Embedded.1', 'On');
  assert.equal((await settled(ask, made)).state, 'Completed');
  assert.equal((await ask('GET', '/Systems/System.Embedded.1/Bios')).body.Attributes.LogicalProc, 'Disabled');
});

test('media: a drive takes one image, by action or by PATCH as the model has it', async (t) => {
  const { ask, bmc } = await startService(t);
  const drive = '/Systems/1/VirtualMedia/Cd';
  const insert = (body: object) => ask('POST', `${drive}/Actions/VirtualMedia.InsertMedia`, body);
  assert.deepEqual(keysOf(await insert({})), ['ActionParameterMissing']);
  assert.deepEqual(keysOf(await insert({ Image: 'nowhere' })), ['ActionParameterValueFormatError']);
  const image = 'http://192.0.2.1/boot.iso';
  assert.equal((await insert({ Image: image, UserName: 'u', Password: 'p' })).status, 204);
  const shown = (await ask('GET', '/Managers/BMC/VirtualMedia/Cd')).body;
  assert.deepEqual([shown.Inserted, shown.Image, shown.ImageName, shown.Password], [true, image, 'boot.iso', null]);
  assert.deepEqual((bmc.machine as FakeMachine).media.get('cd'), { image, userName: 'u', password: 'p' });
  assert.deepEqual(keysOf(await insert({ Image: image })), ['ResourceInUse']);
  assert.equal((await ask('POST', `${drive}/Actions/VirtualMedia.EjectMedia`, {})).status, 204);
  assert.equal((bmc.machine as FakeMachine).media.size, 0);

  const lenovo = await startService(t, { model: 'xcc' });
  const path = '/Managers/1/VirtualMedia/EXT1';
  const first = await lenovo.ask('GET', path);
  assert.deepEqual([first.body.Actions, first.headers.allow], [undefined, 'GET, HEAD, PATCH']);
  assert.equal((await lenovo.ask('PATCH', path, { Image: image, Inserted: true })).body.Inserted, true);
  assert.equal((await lenovo.ask('PATCH', path, { Image: null })).body.Image, null);

  const smc = await startService(t, { model: 'supermicro' });
  const actions = async () =>
    Object.keys((await smc.ask('GET', '/Managers/1/VirtualMedia/VirtualMedia1')).body.Actions);
  assert.deepEqual(await actions(), ['#VirtualMedia.InsertMedia']);
  await smc.ask('POST', '/Managers/1/VirtualMedia/VirtualMedia1/Actions/VirtualMedia.InsertMedia', { Image: image });
  assert.deepEqual(await actions(), ['#VirtualMedia.EjectMedia']);
});

test('volumes are made of free drives, at once or with the next boot', async (t) => {
  const { ask } = await startService(t);
  const path = '/Systems/1/Storage/RAID1/Volumes';
  const drives = (...bays: number[]) => ({
    Drives: bays.map((bay) => ({ '@odata.id': `/redfish/v1/Systems/1/Storage/RAID1/Drives/Bay${bay}` })),
  });
  const made = await ask('POST', path, { RAIDType: 'RAID5', DisplayName: 'data', Links: drives(0, 1, 2) });
  assert.deepEqual([made.status, made.body.CapacityBytes, made.body.DisplayName], [201, 1_920_000_000_000, 'data']);
  const drive = (await ask('GET', '/Systems/1/Storage/RAID1/Drives/Bay0')).body;
  assert.deepEqual(drive.Links.Volumes, [{ '@odata.id': made.headers.location }]);
  assert.deepEqual(keysOf(await ask('POST', path, { RAIDType: 'RAID1', Links: drives(2, 3) })), ['ResourceInUse']);
  assert.deepEqual(keysOf(await ask('POST', path, { RAIDType: 'RAID1', Links: drives(3) })), ['PropertyValueConflict']);
  assert.deepEqual(keysOf(await ask('POST', path, { RAIDType: 'RAID7', Links: drives(3) })), [
    'PropertyValueNotInList',
  ]);
  const onReset = { '@Redfish.OperationApplyTime': 'OnReset' };
  const later = await ask('POST', path, { RAIDType: 'RAID1', Links: drives(4, 5), ...onReset });
  assert.equal((await ask('GET', path)).body['Members@odata.count'], 1);
  await reset(ask);
  assert.equal((await settled(ask, later)).state, 'Completed');
  assert.equal((await ask('GET', path)).body['Members@odata.count'], 2);
  const own = String(made.headers.location).replace('/redfish/v1', '');
  const cleared = await ask('POST', `${own}/Actions/Volume.Initialize`, { InitializeType: 'Fast' });
  assert.equal((await settled(ask, cleared)).state, 'Completed');
  assert.equal((await ask('DELETE', own)).status, 204);
  assert.equal((await ask('GET', own)).status, 404);
  const erased = await ask('POST', '/Systems/1/Storage/RAID1/Drives/Bay0/Actions/Drive.SecureErase', {});
  assert.equal((await settled(ask, erased)).state, 'Completed');
});

test('firmware is pulled and pushed; versions count after the boot or the reset that they need', async (t) => {
  const { ask, bmc } = await startService(t, { resetSeconds: 0.01 });
  const web = await startWeb(t, { '/bios-2.5.1.bin': 'image', '/image.json': '{"Part":"bmc","Version":"2.0.0"}' });
  const version = async (id: string) => (await ask('GET', `/UpdateService/FirmwareInventory/${id}`)).body.Version;
  const pull = (body: object) => ask('POST', '/UpdateService/Actions/UpdateService.SimpleUpdate', body);
  const target = '/redfish/v1/UpdateService/FirmwareInventory/BIOS';
  const first = await settled(ask, await pull({ ImageURI: `${web.url}/bios-2.5.1.bin`, Targets: [target] }));
  assert.deepEqual(first, { state: 'Completed', status: 200 });
  assert.equal(await version('BIOS'), '1.0.0');
  await reset(ask);
  assert.equal(await version('BIOS'), '2.5.1');
  assert.equal((await ask('GET', '/Systems/1')).body.BiosVersion, '2.5.1');

  const isReset = new Promise<void>((resolve) => {
    bmc.onChange((change) => change.what === 'reset' && resolve());
  });
  assert.equal((await pull({ ImageURI: `${web.url}/image.json` })).status, 202);
  await isReset;
  await sleep(20);
  assert.equal((await ask('GET', '/Managers/BMC')).body.FirmwareVersion, '2.0.0');

  const missing = await settled(ask, await pull({ ImageURI: `${web.url}/none.bin` }));
  assert.deepEqual(missing, { state: 'Exception', status: 500 });
  const unknown = await pull({ ImageURI: `${web.url}/bios-2.5.1.bin`, Targets: ['/redfish/v1/Systems/7'] });
  assert.deepEqual(keysOf(unknown), ['ActionParameterValueNotInList']);

  const form = Buffer.from(
    [
      '--x\r\nContent-Disposition: form-data; name="UpdateParameters"\r\nContent-Type: application/json\r\n\r\n',
      JSON.stringify({
        Targets: ['/redfish/v1/UpdateService/FirmwareInventory/NIC1'],
        '@Redfish.OperationApplyTime': 'OnReset',
      }),
      '\r\n--x\r\nContent-Disposition: form-data; name="UpdateFile"; filename="nic-30.1.bin"\r\n\r\nbytes\r\n--x--\r\n',
    ].join(''),
  );
  const type = { 'Content-Type': 'multipart/form-data; boundary=x' };
  const pushed = await ask('POST', '/UpdateService/upload', form, type);
  assert.equal(pushed.body.TaskState, 'Pending');
  await reset(ask);
  assert.equal((await settled(ask, pushed)).state, 'Completed');
  assert.equal(await version('NIC1'), '30.1');
  const raw = await ask('POST', '/UpdateService/update', Buffer.from('bytes'), {
    'Content-Type': 'application/octet-stream',
  });
  assert.equal((await settled(ask, raw)).state, 'Completed');
});

test('events are pushed to subscribers and streamed to those who listen', async (t) => {
  const { ask, bmc } = await startService(t);
  const web = await startWeb(t);
  const made = await ask('POST', '/EventService/Subscriptions', {
    ...{ Destination: `${web.url}/events`, Protocol: 'Redfish', Context: 'mine', RegistryPrefixes: ['ResourceEvent'] },
  });
  assert.equal(made.status, 201);
  const stream = get(`${bmc.url}/redfish/v1/EventService/SSE`, { headers: { ...basic }, agent: false });
  const [response] = await once(stream, 'response');
  t.after(() => stream.destroy());
  assert.match(response.headers['content-type'], /^text\/event-stream/);
  let text = '';
  response.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const arrival = once(web.server, 'arrival');
  await reset(ask, '1', 'On');
  await arrival;
  const [event] = web.arrivals as { Context: string; Events: { MessageId: string; OriginOfCondition: object }[] }[];
  assert.equal(event?.Context, 'mine');
  assert.match(String(event?.Events[0]?.MessageId), /^ResourceEvent\.1\.2\.ResourcePoweredOn$/);
  assert.deepEqual(event?.Events[0]?.OriginOfCondition, { '@odata.id': '/redfish/v1/Systems/1' });
  while (!text.includes('ResourcePoweredOn')) await once(response, 'data');
  assert.match(text, /id: \d+\ndata: \{/);
  const second = once(web.server, 'arrival');
  assert.equal(
    (await ask('POST', '/EventService/Actions/EventService.SubmitTestEvent', { EventType: 'Alert' })).status,
    204,
  );
  await second;
  const path = String(made.headers.location).replace('/redfish/v1', '');
  assert.equal((await ask('PATCH', path, { Context: 'other' })).body.Context, 'other');
  assert.equal((await ask('DELETE', path)).status, 204);
  assert.deepEqual((await ask('GET', '/EventService/Subscriptions')).body.Members, []);
  const ended = once(response, 'close');
  bmc.reset();
  await ended;
});

test('the certificate is replaced by a client, and one that does not fit its key is refused', async (t) => {
  const { ask, bmc } = await startService(t, { scheme: 'https' });
  const { certificatePem, keyPem } = createCertificate('127.0.0.1');
  const uri = '/redfish/v1/Managers/BMC/NetworkProtocol/HTTPS/Certificates/1';
  const replace = (text: string) =>
    ask('POST', '/CertificateService/Actions/CertificateService.ReplaceCertificate', {
      ...{ CertificateString: text, CertificateType: 'PEM', CertificateUri: { '@odata.id': uri } },
    });
  const other = createCertificate('127.0.0.1');
  assert.deepEqual(keysOf(await replace(certificatePem + other.keyPem)), ['ActionParameterValueFormatError']);
  assert.equal((await replace(certificatePem + keyPem)).status, 204);
  assert.equal(
    (await send(bmc, 'GET', uri, undefined, basic, certificatePem)).body.CertificateString.trim(),
    certificatePem.trim(),
  );
});

test('clock, network, secure boot, lights and sensors', async (t) => {
  const { ask } = await startService(t);
  const set = await ask('PATCH', '/Managers/BMC', {
    DateTime: '2031-02-03T04:05:06+00:00',
    DateTimeLocalOffset: '+01:00',
  });
  assert.match(set.body.DateTime, /^2031-02-03T04:0/);
  assert.deepEqual(keysOf(await ask('PATCH', '/Managers/BMC', { DateTime: 'noon' })), ['PropertyValueFormatError']);
  const network = await ask('PATCH', '/Managers/BMC/NetworkProtocol', { IPMI: { ProtocolEnabled: true } });
  assert.deepEqual(network.body.IPMI, { ProtocolEnabled: true, Port: 623 });
  const secure = '/Systems/1/SecureBoot';
  await ask('PATCH', secure, { SecureBootEnable: true });
  await reset(ask, '1', 'On');
  assert.equal((await ask('GET', secure)).body.SecureBootCurrentBoot, 'Enabled');
  await ask('POST', `${secure}/Actions/SecureBoot.ResetKeys`, { ResetKeysType: 'DeletePK' });
  await reset(ask);
  const after = (await ask('GET', secure)).body;
  assert.deepEqual([after.SecureBootMode, after.SecureBootCurrentBoot], ['SetupMode', 'Disabled']);
  await ask('PATCH', '/Chassis/1U', { LocationIndicatorActive: true });
  assert.equal((await ask('GET', '/Systems/1')).body.IndicatorLED, 'Blinking');
  const warmth = async () => (await ask('GET', '/Chassis/1U/Sensors/CPU1Temp')).body;
  assert.equal((await warmth()).Reading, 42);
  assert.equal((await ask('GET', '/Chassis/1U/EnvironmentMetrics')).body.PowerWatts.Reading, 212);
  await reset(ask, '1', 'ForceOff');
  assert.deepEqual([(await warmth()).Reading, (await warmth()).Status], [null, { State: 'Disabled' }]);
  assert.equal((await ask('GET', '/Chassis/1U/Power')).body.PowerControl[0].PowerConsumedWatts, 12);
});

test('a captured service is answered from as it was, with power and boot override that work', async (t) => {
  for (const model of redfishModelNames) {
    const { ask } = await startService(t, { model });
    const dump: Record<string, { [name: string]: unknown }> = {};
    const open = ['/redfish/v1'];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (dump[path] !== undefined || path.includes('/Oem/')) continue;
      const { body } = await ask('GET', path.slice('/redfish/v1'.length));
      dump[path] = body;
      for (const [, link = ''] of JSON.stringify(body).matchAll(/"(?:@odata\.id|@Redfish\.ActionInfo)":"([^"#]+)"/g))
        open.push(link);
    }
    const system = Object.keys(dump).find((path) => /^\/redfish\/v1\/Systems\/[^/]+$/.test(path)) ?? '';
    Object.assign(dump[system] ?? {}, { PowerState: 'On', AssetTag: 'as captured' });
    const file = join(temporaryFolder(t), 'dump.json');
    writeFileSync(file, JSON.stringify(dump));
    const replayed = await startService(t, { model, replay: file });
    for (const [path, body] of Object.entries(dump)) {
      if (path === system || path.includes('/SessionService')) continue;
      assert.deepEqual((await replayed.ask('GET', path.slice('/redfish/v1'.length))).body, body, path);
    }
    const short = system.slice('/redfish/v1'.length);
    const now = (await replayed.ask('GET', short)).body;
    assert.deepEqual([now.PowerState, now.AssetTag], ['On', 'as captured']);
    const change = { Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' } };
    assert.equal((await replayed.ask('PATCH', short, change, { 'If-Match': '*' })).status, 200, model);
    assert.equal(
      (await replayed.ask('POST', `${short}/Actions/ComputerSystem.Reset`, { ResetType: 'ForceRestart' })).status,
      204,
    );
    assert.equal((replayed.bmc.machine as FakeMachine).booted?.target, 'Pxe');
    assert.equal((await replayed.ask('GET', short)).body.Boot.BootSourceOverrideEnabled, 'Disabled');
    assert.deepEqual(keysOf(await replayed.ask('PATCH', short, { AssetTag: 'x' }, { 'If-Match': '*' })), [
      'PropertyNotWritable',
    ]);
    assert.equal(
      (await replayed.ask('POST', `${short}/Actions/ComputerSystem.Reset`, { ResetType: 'ForceOff' })).status,
      204,
    );
    assert.equal((await replayed.ask('GET', short)).body.PowerState, 'Off');
  }
});

test('a dump that can not be is refused with what is wrong', async (t) => {
  const file = join(temporaryFolder(t), 'dump.json');
  const refused = (text: string, expected: RegExp) => {
    writeFileSync(file, text);
    return assert.rejects(startRedfishSimulator({ count: 1, replay: file }), expected);
  };
  await refused('{', /the dump is no JSON/);
  await refused('[]', /no JSON object of resources by their paths/);
  await refused('{"/redfish/v1/Systems":{}}', /lacks the service root/);
  await refused('{"/redfish/v1":7}', /at \/redfish\/v1 is no JSON object/);
});
