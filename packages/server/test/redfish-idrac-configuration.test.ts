// Configurations of machines of Dell: exported to a web server, imported from there, and servers that die in the middle.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import type { FakeMachine } from '@wrought/lab';
import { biosSettingRows } from '../src/store/bios-settings.ts';
import { untilSaid } from './support/boot-machine.ts';
import type { TestConductor } from './support/conductor.ts';
import { startIdrac } from './support/idrac.ts';

/** A web server that keeps what is put there, for one user where one is given. */
async function fileServer(t: TestContext, login?: string) {
  const files = new Map<string, string>();
  const credentials: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    credentials.push(request.headers.authorization);
    if (login !== undefined && request.headers.authorization !== `Basic ${Buffer.from(login).toString('base64')}`) {
      response.writeHead(401).end();
      return;
    }
    if (request.method === 'PUT') files.set(request.url ?? '', await text(request));
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(request.method === 'GET' ? file : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { files, credentials, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const step = (name: string, args: JsonObject) => ({ interface: 'management', step: name, args });
const bios = 'BIOS.Setup.1-1';
const profile = (value: string) => ({
  SystemConfiguration: { Components: [{ FQDD: bios, Attributes: [{ Name: 'LogicalProc', Value: value }] }] },
});
const mold = (value: string) => JSON.stringify({ oem: { interface: 'idrac-redfish', data: profile(value) } });

async function biosOf({ store }: TestConductor, { id }: { id: number }) {
  const rows = await biosSettingRows(store.read, id);
  return new Map(rows.map(({ name, value }) => [name, value]));
}

test('the configuration is exported to where the step says', async (t) => {
  const { files, url } = await fileServer(t);
  const { server, node, clean, service } = await startIdrac(t);
  await clean(server, step('export_configuration', { export_configuration_location: `${url}/r750.json` }));
  await server.untilState(node.uuid, 'manageable', 60_000);
  const { oem } = JSON.parse(files.get('/r750.json') ?? '{}');
  assert.equal(oem.interface, 'idrac-redfish');
  assert.equal(oem.data.SystemConfiguration.ServiceTag, service.serialNumber);
  await untilSaid(server, node, `The configuration lies at ${url}/r750.json now.`);
});

for (const power of ['On', 'Off'] as const) {
  test(`a configuration is imported by a restart, and the machine is ${power} afterwards as before`, async (t) => {
    const { files, url } = await fileServer(t);
    const { server, node, clean, service } = await startIdrac(t);
    const machine = service.machine as FakeMachine;
    machine.setPower(power);
    const boots = machine.boots;
    files.set('/r750.json', mold('Disabled'));
    await clean(server, step('import_configuration', { import_configuration_location: `${url}/r750.json` }));
    await server.untilState(node.uuid, 'manageable', 60_000);
    assert.equal((await biosOf(server, node)).get('LogicalProc'), 'Disabled');
    assert.equal(machine.boots, boots + 1);
    assert.equal(machine.power, power);
  });
}

test('what was imported is exported again, in one step', async (t) => {
  const { files, url } = await fileServer(t);
  const { server, node, clean } = await startIdrac(t);
  files.set('/in.json', mold('Disabled'));
  await clean(
    server,
    step('import_export_configuration', {
      import_configuration_location: `${url}/in.json`,
      export_configuration_location: `${url}/out.json`,
    }),
  );
  await server.untilState(node.uuid, 'manageable', 60_000);
  const [component] = JSON.parse(files.get('/out.json') ?? '{}').oem.data.SystemConfiguration.Components;
  const value = component.Attributes.find(({ Name }: { Name: string }) => Name === 'LogicalProc').Value;
  assert.equal(value, 'Disabled');
});

for (const [name, said] of [
  ['import_configuration', 'The iDRAC was asked to import a configuration'],
  ['export_configuration', 'The iDRAC was asked to export its configuration'],
] as const) {
  test(`a server that dies in the middle of ${name} goes on`, async (t) => {
    const { files, url } = await fileServer(t);
    const { server, node, clean, service } = await startIdrac(t, { taskSeconds: 3 });
    const begun: string[] = [];
    service.onChange((change) => {
      if (change.what === 'message' && /TaskStarted$/.test(change.messageId)) begun.push(change.path);
    });
    files.set('/r750.json', mold('Disabled'));
    const location = name.replace('configuration', 'configuration_location');
    await clean(server, step(name, { [location]: `${url}/${name.startsWith('import') ? 'r750' : 'new'}.json` }));
    await untilSaid(server, node, said);
    const next = await server.takeOver();
    await next.untilState(node.uuid, 'manageable', 60_000);
    if (name === 'import_configuration') {
      assert.equal((await biosOf(next, node)).get('LogicalProc'), 'Disabled');
      assert.equal(begun.length, 1, 'nothing is imported twice');
    } else {
      assert.ok(files.has('/new.json'));
    }
  });
}

test('user and password go to the configured server, and nowhere else', async (t) => {
  const own = await fileServer(t, 'molds:secret');
  const other = await fileServer(t);
  const set = [`molds.server=${own.url}`, 'molds.user=molds', 'molds.password=secret'];
  const { server, node, clean } = await startIdrac(t, {}, set);
  await clean(
    server,
    step('export_configuration', { export_configuration_location: `${own.url}/a.json` }),
    step('export_configuration', { export_configuration_location: `${other.url}/b.json` }),
  );
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.ok(own.files.has('/a.json') && other.files.has('/b.json'));
  assert.deepEqual(other.credentials, [undefined]);
});

for (const [file, words] of [
  ['no JSON', /is no JSON .*; wanted: \{"oem"/],
  ['{"oem": {"interface": "ilo", "data": {}}}', /is of the interface "ilo"; wanted: .*"idrac-redfish"/],
  ['{"oem": {"interface": "idrac-redfish", "data": {}}}', /has no SystemConfiguration in its data/],
  [undefined, /GET http:\/\/127.0.0.1:\d+\/r750\.json was answered with status 404/],
] as const) {
  test(`what can not be imported is refused before the iDRAC is asked: ${file ?? 'nothing there'}`, async (t) => {
    const { files, url } = await fileServer(t);
    const { server, node, clean, ask } = await startIdrac(t);
    if (file !== undefined) files.set('/r750.json', file);
    await clean(server, step('import_configuration', { import_configuration_location: `${url}/r750.json` }));
    const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
    assert.match(failed.last_error ?? '', words);
    const { body } = await ask('GET', '/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs');
    assert.equal(body['Members@odata.count'], 0);
  });
}

test('a location that is no URL is refused with what is allowed', async (t) => {
  const { server, node, clean } = await startIdrac(t);
  await clean(server, step('export_configuration', { export_configuration_location: 'r750.json' }));
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /export_configuration_location is "r750\.json"; allowed: an http or https URL/);
});

test('an import that the iDRAC refuses fails the step with its words', async (t) => {
  const { files, url } = await fileServer(t);
  const { server, node, clean } = await startIdrac(t);
  files.set('/r750.json', mold('Disabled').replace('LogicalProc', 'NoSuchAttribute'));
  await clean(server, step('import_configuration', { import_configuration_location: `${url}/r750.json` }));
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /import of the configuration did not succeed: .*no attribute NoSuchAttribute/);
});
