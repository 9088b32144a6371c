// Simulated Redfish services over real HTTP(S): logins, ETags, queries, errors, and what a machine boots from.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type FakeMachine, redfishModelNames, startRedfishSimulator } from '../src/index.ts';
import { login } from './bmc-peers.ts';
import { basic, keysOf, send, startService } from './redfish-peers.ts';

const sessions = '/redfish/v1/SessionService/Sessions';
const credentials = { UserName: login.userName, Password: login.password };

test('every link of every model leads to a resource that knows its own path and type', async (t) => {
  for (const model of redfishModelNames) {
    const { ask } = await startService(t, { model });
    const seen = new Set<string>();
    const open = ['/redfish/v1'];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, body, headers } = await ask('GET', path.slice('/redfish/v1'.length));
      assert.equal(status, 200, `${model} ${path}`);
      assert.equal(headers['odata-version'], '4.0');
      assert.equal(body['@odata.id'], path.replace(/\/$/, ''));
      assert.match(body['@odata.type'], /^#\w+(\.v\d+_\d+_\d+)?\.\w+$/, path);
      for (const [, link = ''] of JSON.stringify(body).matchAll(/"@odata\.id":"([^"#]+)"/g)) {
        // What Supermicro links to there is not here.
        if (!link.includes('/Oem/Supermicro')) open.push(link);
      }
    }
    assert.ok(seen.size > 80, `${model} has ${seen.size} resources`);
  }
});

test('the service root needs no user, all else does', async (t) => {
  const { bmc } = await startService(t);
  assert.deepEqual((await send(bmc, 'GET', '/redfish', undefined, {})).body, { v1: '/redfish/v1/' });
  assert.equal((await send(bmc, 'GET', '/redfish/v1/', undefined, {})).body.UUID, bmc.uuid);
  assert.equal((await send(bmc, 'GET', '/redfish/v1/odata', undefined, {})).body.value[0].name, 'Service');
  assert.equal(
    (await send(bmc, 'GET', '/redfish/v1/$metadata', undefined, {})).headers['content-type'],
    'application/xml',
  );
  const refused = await send(bmc, 'GET', '/redfish/v1/Systems', undefined, {});
  assert.equal(refused.status, 401);
  assert.match(refused.headers['www-authenticate'] ?? '', /^Basic realm=/);
  const wrong = `Basic ${Buffer.from('admin:wrong').toString('base64')}`;
  assert.equal((await send(bmc, 'GET', '/redfish/v1/Systems', undefined, { Authorization: wrong })).status, 401);
});

test('a session lasts until it is deleted, expires, or the service is reset; their number is limited', async (t) => {
  const { bmc, ask } = await startService(t, { sessionLimit: 2, sessionSeconds: 0.3 });
  const begin = () => send(bmc, 'POST', sessions, credentials, {});
  const first = await begin();
  assert.equal(first.status, 201);
  const token = { 'X-Auth-Token': String(first.headers['x-auth-token']) };
  const read = (headers: Record<string, string>) => send(bmc, 'GET', '/redfish/v1/Systems/1', undefined, headers);
  assert.equal((await read(token)).status, 200);
  await begin();
  const third = await begin();
  assert.deepEqual([third.status, keysOf(third)], [503, ['SessionLimitExceeded']]);
  assert.equal((await send(bmc, 'DELETE', String(first.headers.location), undefined, token)).status, 204);
  assert.equal((await read(token)).status, 401);
  const fourth = await begin();
  assert.equal(fourth.status, 201);
  await sleep(350);
  assert.equal((await read({ 'X-Auth-Token': String(fourth.headers['x-auth-token']) })).status, 401);
  const fifth = await begin();
  await ask('POST', '/Managers/BMC/Actions/Manager.Reset', { ResetType: 'GracefulRestart' });
  await assert.rejects(read(basic), /ECONNRESET|hang up/);
  await sleep(60);
  assert.equal((await read({ 'X-Auth-Token': String(fifth.headers['x-auth-token']) })).status, 401);
  assert.equal((await begin()).status, 201);
  const wrong = await send(bmc, 'POST', sessions, { ...credentials, Password: 'x' }, {});
  assert.equal(wrong.status, 401);
});

test('users are made, changed and deleted; roles decide what they may do', async (t) => {
  const { bmc, ask } = await startService(t);
  const made = await ask('POST', '/AccountService/Accounts', {
    UserName: 'eve',
    Password: 'evening8',
    RoleId: 'ReadOnly',
  });
  assert.equal(made.status, 201);
  const eve = { Authorization: `Basic ${Buffer.from('eve:evening8').toString('base64')}` };
  assert.equal((await send(bmc, 'GET', '/redfish/v1/Systems/1', undefined, eve)).status, 200);
  const reset = '/Systems/1/Actions/ComputerSystem.Reset';
  const asEve = () => send(bmc, 'POST', `/redfish/v1${reset}`, { ResetType: 'On' }, eve);
  assert.deepEqual(keysOf(await asEve()), ['InsufficientPrivilege']);
  const path = String(made.headers.location).replace('/redfish/v1', '');
  assert.equal((await ask('PATCH', path, { RoleId: 'Operator' })).status, 200);
  assert.equal((await asEve()).status, 204);
  assert.equal((await ask('DELETE', path)).status, 204);
  assert.equal((await asEve()).status, 401);
  assert.deepEqual(keysOf(await ask('DELETE', '/AccountService/Accounts/1')), ['ResourceCannotBeDeleted']);
});

test('each reset type does to the power what it says; vain ones are refused where the model does so', async (t) => {
  const { ask } = await startService(t);
  const power = async (type: string) => {
    const { status } = await ask('POST', '/Systems/1/Actions/ComputerSystem.Reset', { ResetType: type });
    return [status, (await ask('GET', '/Systems/1')).body.PowerState];
  };
  assert.deepEqual(await power('On'), [204, 'On']);
  assert.deepEqual(await power('GracefulRestart'), [204, 'On']);
  assert.deepEqual(await power('PowerCycle'), [204, 'On']);
  assert.deepEqual(await power('Nmi'), [204, 'On']);
  assert.deepEqual(await power('PushPowerButton'), [204, 'Off']);
  assert.deepEqual(await power('Nmi'), [409, 'Off']);
  assert.deepEqual(await power('ForceOff'), [204, 'Off']);
  const dell = await startService(t, { model: 'idrac' });
  const target = '/Systems/System.Embedded.1/Actions/ComputerSystem.Reset';
  const off = await dell.ask('POST', target, { ResetType: 'ForceRestart' });
  assert.deepEqual([off.status, keysOf(off)], [409, ['ResourceInStandby']]);
  await dell.ask('POST', target, { ResetType: 'On' });
  const on = await dell.ask('POST', target, { ResetType: 'On' });
  assert.deepEqual([on.status, keysOf(on)], [409, ['PSU501']]);
  assert.equal(on.body.error.code, 'Base.1.12.GeneralError');
  const hpe = await startService(t, { model: 'ilo' });
  const vain = await hpe.ask('POST', '/Systems/1/Actions/ComputerSystem.Reset', { ResetType: 'ForceOff' });
  assert.deepEqual([vain.status, keysOf(vain)], [400, ['InvalidOperationForSystemState']]);
});

test('makers call their messages as they do, and limits of sessions', async (t) => {
  const supermicro = await startService(t, { model: 'supermicro' });
  const refused = await supermicro.ask('PATCH', '/Systems/1', { Colour: 'red' });
  assert.equal(refused.body.error.code, 'Base.v1_10_3.GeneralError');
  assert.equal(refused.body.error['@Message.ExtendedInfo'][0].MessageId, 'Base.1.10.PropertyUnknown');
  const dell = await startService(t, { model: 'idrac', sessionLimit: 1 });
  const login = { UserName: 'admin', Password: 'secret12' };
  assert.equal((await dell.ask('POST', '/SessionService/Sessions', login)).status, 201);
  const third = await dell.ask('POST', '/SessionService/Sessions', login);
  assert.deepEqual([third.status, keysOf(third)], [503, ['RAC0218']]);
});

test('an override for once is for one boot, one for ever stays, and the machine is told', async (t) => {
  const { ask, bmc } = await startService(t);
  const machine = bmc.machine as FakeMachine;
  const booted = () => machine.booted;
  const reset = (type: string) => ask('POST', '/Systems/1/Actions/ComputerSystem.Reset', { ResetType: type });
  const override = async (boot: object) => (await ask('PATCH', '/Systems/1', { Boot: boot })).body.Boot;
  await override({ BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' });
  await reset('On');
  assert.equal(booted()?.target, 'Pxe');
  await reset('ForceRestart');
  assert.equal(booted(), undefined);
  const http = { BootSourceOverrideTarget: 'UefiHttp', HttpBootUri: 'http://192.0.2.1/boot.efi' };
  await override({ ...http, BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideMode: 'UEFI' });
  await reset('ForceRestart');
  await reset('ForceRestart');
  assert.deepEqual([booted()?.target, booted()?.httpBootUri], ['UefiHttp', http.HttpBootUri]);
  // A machine that boots by itself takes it as well.
  machine.setPower('Off');
  machine.setPower('On');
  assert.equal(booted()?.target, 'UefiHttp');
  assert.equal((await override({ BootSourceOverrideEnabled: 'Disabled' })).BootSourceOverrideTarget, 'None');
  await reset('ForceRestart');
  assert.equal(booted(), undefined);
});

test('the boot order is changed at once, or with the next boot where the model has it so', async (t) => {
  const { ask } = await startService(t);
  const order = ['Boot0002', 'Boot0000', 'Boot0001'];
  assert.deepEqual((await ask('PATCH', '/Systems/1', { Boot: { BootOrder: order } })).body.Boot.BootOrder, order);
  const bad = await ask('PATCH', '/Systems/1', { Boot: { BootOrder: ['Boot0002'] } });
  assert.deepEqual(keysOf(bad), ['PropertyValueNotInList']);
  const lenovo = await startService(t, { model: 'xcc' });
  const pending = ['Boot0002', 'Boot0003'];
  await lenovo.ask('PATCH', '/Systems/1/Pending', { Boot: { BootOrder: pending } }, { 'If-Match': '*' });
  const orderOf = async () => (await lenovo.ask('GET', '/Systems/1')).body.Boot.BootOrder;
  assert.deepEqual(await orderOf(), ['Boot0003', 'Boot0002']);
  await lenovo.ask('POST', '/Systems/1/Actions/ComputerSystem.Reset', { ResetType: 'On' });
  assert.deepEqual(await orderOf(), pending);
});

test('ETags: a change needs the one of now, weak or strong as the model has it', async (t) => {
  const change = { AssetTag: 'rack 7' };
  const { ask } = await startService(t);
  const { headers, body } = await ask('GET', '/Systems/1');
  assert.match(String(headers.etag), /^"[0-9A-F]{16}"$/);
  assert.equal(body['@odata.etag'], headers.etag);
  assert.equal((await ask('GET', '/Systems/1', undefined, { 'If-None-Match': String(headers.etag) })).status, 304);
  const changed = await ask('PATCH', '/Systems/1', change, { 'If-Match': String(headers.etag) });
  assert.deepEqual([changed.status, changed.body.AssetTag], [200, 'rack 7']);
  assert.notEqual(changed.headers.etag, headers.etag);
  const late = await ask('PATCH', '/Systems/1', change, { 'If-Match': String(headers.etag) });
  assert.deepEqual([late.status, keysOf(late)], [412, ['PreconditionFailed']]);
  const hpe = await startService(t, { model: 'ilo' });
  assert.match(String((await hpe.ask('GET', '/Systems/1')).headers.etag), /^W\//);
  assert.equal((await hpe.ask('GET', '/Systems/1/Bios/Settings')).body.Id, 'settings', 'it does not look at case');
  const lenovo = await startService(t, { model: 'xcc' });
  assert.equal((await lenovo.ask('PATCH', '/Systems/1', change)).status, 428);
  const dell = await startService(t, { model: 'idrac' });
  assert.equal((await dell.ask('GET', '/Systems/System.Embedded.1')).headers.etag, undefined);
});

test('$expand, $select, $top and $skip, only and pages, as far as the model takes them', async (t) => {
  const { ask } = await startService(t, { pageSize: 3 });
  const expanded = (await ask('GET', '/Systems/1/Processors?$expand=.($levels=1)')).body;
  assert.deepEqual(
    expanded.Members.map((each: { Socket: string }) => each.Socket),
    ['CPU 1', 'CPU 2'],
  );
  const links = (await ask('GET', '/Systems/1?$expand=~')).body;
  assert.equal(links.Links.ManagedBy[0].ManagerType, 'BMC');
  assert.deepEqual(Object.keys(links.Processors), ['@odata.id']);
  const selected = (await ask('GET', '/Systems/1?$select=PowerState,Boot/BootSourceOverrideTarget')).body;
  assert.deepEqual(
    Object.keys(selected)
      .filter((name) => !name.startsWith('@'))
      .sort(),
    ['Boot', 'PowerState'],
  );
  assert.deepEqual(selected.Boot, { BootSourceOverrideTarget: 'None' });
  assert.equal((await ask('GET', '/Systems?only')).body.Manufacturer, 'Contoso');
  const first = (await ask('GET', '/Registries')).body;
  assert.deepEqual([first.Members.length, first['Members@odata.count']], [3, 5]);
  const second = (await ask('GET', first['Members@odata.nextLink'].replace('/redfish/v1', ''))).body;
  assert.deepEqual([second.Members.length, second['Members@odata.nextLink']], [2, undefined]);
  assert.equal((await ask('GET', '/Registries?$top=1&$skip=4')).body.Members.length, 1);
  assert.deepEqual(keysOf(await ask('GET', '/Systems?$top=x')), ['QueryParameterValueTypeError']);
  assert.deepEqual(keysOf(await ask('GET', '/Systems?$expand=.($levels=9)')), ['QueryParameterOutOfRange']);
  assert.equal((await ask('GET', '/Systems?$orderby=x')).status, 501);
  const hpe = await startService(t, { model: 'ilo' });
  assert.equal((await hpe.ask('GET', '/Systems?$select=Name')).status, 501);
});

test('what is wrong in a request is told all at once, by name, and nothing of it is done', async (t) => {
  const { ask } = await startService(t);
  const wrong = await ask('PATCH', '/Systems/1', {
    AssetTag: 7,
    PowerState: 'On',
    Nonsense: true,
    LocationIndicatorActive: true,
    Boot: { BootSourceOverrideTarget: 'Moon' },
  });
  assert.equal(wrong.status, 400);
  assert.deepEqual(keysOf(wrong), [
    'PropertyValueTypeError',
    'PropertyNotWritable',
    'PropertyUnknown',
    'PropertyValueNotInList',
  ]);
  const [, , , last] = wrong.body.error['@Message.ExtendedInfo'];
  assert.deepEqual(
    [last.MessageArgs, last.RelatedProperties],
    [['Moon', 'BootSourceOverrideTarget'], ['#/Boot/BootSourceOverrideTarget']],
  );
  assert.equal((await ask('GET', '/Systems/1')).body.LocationIndicatorActive, false);
  const reset = (body: object) => ask('POST', '/Systems/1/Actions/ComputerSystem.Reset', body);
  assert.deepEqual(keysOf(await reset({})), ['ActionParameterMissing']);
  assert.deepEqual(keysOf(await reset({ ResetType: 'Later' })), ['ActionParameterValueNotInList']);
  assert.deepEqual(keysOf(await reset({ ResetType: 'On', How: 1 })), ['ActionParameterUnknown']);
  assert.deepEqual(keysOf(await ask('PATCH', '/Systems/1', Buffer.from('{'))), ['MalformedJSON']);
  assert.deepEqual(keysOf(await ask('GET', '/Systems/2')), ['ResourceNotFound']);
  const method = await ask('DELETE', '/Systems/1');
  assert.deepEqual([method.status, method.headers.allow], [405, 'GET, HEAD, PATCH']);
});

test('requests of any kind never end in a fault of the service', async (t) => {
  const { bmc, ask } = await startService(t);
  const segment = fc.constantFrom(
    'Systems',
    '1',
    'Managers',
    'BMC',
    'Bios',
    'Settings',
    'Storage',
    'RAID1',
    'Volumes',
    'TaskService',
    'Tasks',
    'x',
    '%2f',
    '..',
    'UpdateService',
    'upload',
    'EventService',
    'Subscriptions',
  );
  const key = fc.constantFrom(
    'Attributes',
    'Boot',
    'ResetType',
    'Drives',
    'RAIDType',
    'Image',
    'Destination',
    'Protocol',
    'DateTime',
    'x',
  );
  const body = fc.oneof(fc.dictionary(key, fc.jsonValue()), fc.jsonValue());
  const method = fc.constantFrom('GET', 'PATCH', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS');
  await fc.assert(
    fc.asyncProperty(method, fc.array(segment, { maxLength: 6 }), body, async (verb, segments, content) => {
      const { status } = await ask(
        verb,
        `/${segments.join('/')}`,
        verb === 'GET' || verb === 'HEAD' ? undefined : content,
      );
      assert.ok(status < 500, `${verb} /${segments.join('/')} ${JSON.stringify(content)}: ${status}`);
    }),
    { numRuns: 600 },
  );
  assert.equal((await send(bmc, 'GET', '/redfish/v1')).status, 200);
});

test('over TLS the certificate vouches for the address, and another one takes its place', async (t) => {
  const { bmc, simulator } = await startService(t, { scheme: 'https' });
  const before = simulator.certificateOf(bmc);
  const path = '/redfish/v1/Managers/BMC/NetworkProtocol/HTTPS/Certificates/1';
  const shown = await send(bmc, 'GET', path, undefined, basic, before);
  assert.equal(shown.body.CertificateString, before);
  assert.equal(shown.body.Fingerprint, new X509Certificate(before).fingerprint256);
  const after = simulator.exchangeCertificate(bmc);
  await assert.rejects(send(bmc, 'GET', '/redfish/v1', undefined, basic, before), /self-signed|certificate/);
  assert.equal((await send(bmc, 'GET', '/redfish/v1', undefined, basic, after)).status, 200);
});

test('services at addresses of their own share a port, also over IPv6, and an address that is taken is told', async (t) => {
  const first = await startService(t);
  const { port } = first.bmc;
  const simulator = await startRedfishSimulator({
    ...{ count: 300, scheme: 'https', places: { address: '127.8.0.1', port, next: 'address' } },
  });
  t.after(() => simulator.close());
  const last = simulator.bmcs.at(-1);
  assert.ok(last);
  assert.equal(last.address, '127.8.1.44');
  const { body } = await send(last, 'GET', '/redfish/v1', undefined, basic, simulator.certificateOf(last));
  assert.equal(body.UUID, last.uuid);
  await assert.rejects(
    startRedfishSimulator({ count: 2, places: { port } }),
    /cannot listen at 127\.0\.0\.1 port .*EADDRINUSE/,
  );
  const everywhere = await startService(t, { places: { address: '0.0.0.0' } });
  assert.equal((await fetch(`http://127.0.0.1:${everywhere.bmc.port}/redfish/v1`)).status, 200);
  const six = await startService(t, { scheme: 'https', places: { address: '::1' } });
  assert.equal(
    (await send(six.bmc, 'GET', '/redfish/v1', undefined, basic, six.simulator.certificateOf(six.bmc))).status,
    200,
  );
});

test('options that can not be are refused with what is allowed', async () => {
  const refused = (options: Partial<Parameters<typeof startRedfishSimulator>[0]>, expected: RegExp) =>
    assert.rejects(startRedfishSimulator({ count: 1, ...options }), expected);
  await refused({ sessionLimit: 0 }, /0 sessions: 1 to 1000/);
  await refused(
    { model: 'cray' as 'ilo' },
    /"cray" is no model; there are generic, idrac, ilo, xcc, supermicro, openbmc/,
  );
  await refused({ taskSeconds: -1 }, /taskSeconds -1/);
  await refused({ users: [{ name: '', password: 'x', role: 'Operator' }] }, /a user needs a name/);
});
