// What the doctor says of a database on PostgreSQL, of ports that strangers have, and of TFTP servers that answer badly.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startSwitchSimulator } from '@wrought/lab';
import { examine, type Finding } from '../src/doctor/index.ts';
import { readOverTftp } from '../src/doctor/tftp-read.ts';
import { claimSink } from '../src/store/event-places.ts';
import { recordRefusedEvent } from '../src/store/refused-events.ts';
import { openStore } from '../src/store/store.ts';
import { newPostgresDatabase } from './support/postgres.ts';

const fakes = ['drivers.enabled=["fake-hardware"]', 'drivers.enabled_boot_interfaces=["fake"]', 'api.listen='];

async function findingsOf(t: TestContext, ...set: string[]): Promise<Map<string, Finding>> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'wrought-doctor-'));
  t.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const findings = await examine({ dataDirectory, set: [...fakes, ...set] });
  return new Map(findings.map((finding) => [finding.subject, finding]));
}

test('a PostgreSQL database is asked for its version, its schema and its clock', async (t) => {
  const url = await newPostgresDatabase();
  const empty = await findingsOf(t, `database.url=${url}`);
  assert.equal(empty.get('schema')?.health, 'warning');
  assert.match(empty.get('schema')?.remedy ?? '', /wrought db upgrade/);
  await (await openStore(url)).close();
  const ready = await findingsOf(t, `database.url=${url}`);
  assert.equal(ready.get('schema')?.health, 'ok');
  assert.match(
    ready.get('database')?.message ?? '',
    /^PostgreSQL \d+\.\d+, \/.*test_[0-9a-f]+, answers in \d+\.\d ms\.$/,
  );
  assert.equal(ready.get('database clock')?.health, 'ok');
  assert.equal(ready.get('cluster.listen')?.health, 'ok');
  assert.equal(ready.has('boot loaders'), false, 'nothing enabled boots from the network');
});

test('a database that does not answer, and a port of a stranger, are problems', async (t) => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  t.after(() => stranger.close());
  const { port } = stranger.address() as AddressInfo;
  const found = await findingsOf(t, 'database.url=postgres://u:secret@127.0.0.1:1/x', `api.listen=127.0.0.1:${port}`);
  assert.equal(found.get('database')?.health, 'problem');
  assert.doesNotMatch(JSON.stringify([...found.values()]), /secret/);
  assert.equal(found.get('api.listen')?.message, `127.0.0.1:${port} is taken by node (process ${process.pid}).`);
  const remote = await findingsOf(t, 'api.listen=192.0.2.1:6385', 'api.auth=http_basic');
  assert.match(remote.get('api.listen')?.message ?? '', /^192\.0\.2\.1:6385 can not be listened on \(.*EADDRNOTAVAIL/);
});

test('what a sink lacks, lost or refused is told with what to do', async (t) => {
  const url = await newPostgresDatabase();
  const store = await openStore(url);
  t.after(() => store.close());
  const holder = { conductor: 'c1', process: 'p1' };
  const event = { id: 7, uuid: 'of the event', type: 'baremetal.node.update.end', node: null } as const;
  await store.transaction(async (trx) => {
    await claimSink(trx, { sink: 'webhook', holder, durationSeconds: 60, newest: 9 });
    await recordRefusedEvent(trx, { sink: 'webhook', event, form: 'set aside', reason: 'status 422' });
  });
  const set = [`database.url=${url}`, 'events.sinks=["webhook"]', 'events.webhook_url=http://127.0.0.1:1/'];
  const findings = await examine({ dataDirectory: '/nonexistent', set: [...fakes, ...set] });
  const [place, refused] = findings.filter(({ subject }) => subject === 'events to webhook');
  assert.match(place?.message ?? '', /^It has had the events up to 9 of 0, the last time at 2/);
  assert.deepEqual(refused, {
    subject: 'events to webhook',
    health: 'warning',
    message: 'Events that it refused for good: 1; it has nothing of them. The last one, 7: status 422',
    remedy: 'Raise the limit of the receiver; "wrought events --after 6 --count 1 --json" shows the event.',
  });
});

test('what a TFTP server refuses is told in its words, and files of several blocks arrive whole', async (t) => {
  const file = Buffer.alloc(1200, 'abc');
  const server = createSocket('udp4');
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const send = (block: number, to: { port: number; address: string }) =>
    server.send(
      Buffer.concat([Buffer.from([0, 3, 0, block]), file.subarray((block - 1) * 512, block * 512)]),
      to.port,
      to.address,
    );
  server.on('message', (packet, from) => {
    if (packet[1] === 1 && packet.includes('missing')) {
      server.send(Buffer.from('\0\x05\0\x01file not found\0'), from.port, from.address);
    } else if (packet[1] === 1) {
      send(1, from);
    } else if (packet.readUInt16BE(2) * 512 <= file.length) {
      send(packet.readUInt16BE(2) + 1, from);
    }
  });
  const { port } = server.address();
  assert.deepEqual(await readOverTftp('127.0.0.1', 'whole', port), file);
  await assert.rejects(readOverTftp('127.0.0.1', 'missing', port), /^Error: 127\.0\.0\.1 says: file not found$/);
});

test('switches are logged in to, and a file with them that is wrong is told', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-doctor-switches-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const simulator = await startSwitchSimulator({
    ...{ model: 'dell-os10', ports: ['ethernet1/1/1'], username: 'wrought', password: 'secret' },
  });
  t.after(() => simulator.close());
  writeFileSync(join(folder, 'password'), 'secret\n');
  writeFileSync(join(folder, 'other'), 'wrong\n');
  const file = join(folder, 'switches.toml');
  const table = (name: string, password: string) => `[${name}]
type = "ssh"
profile = "dell-os10"
switch_ids = ["${name}"]
address = "127.0.0.1"
port = ${simulator.port}
username = "wrought"
password_file = "${password}"
host_key = "${simulator.hostKey}"
`;
  writeFileSync(file, `${table('leaf1', 'password')}${table('leaf2', 'other')}`);
  const named = `ironic_networking.switch_config_file=${file}`;
  const found = await findingsOf(t, named);
  assert.equal(found.get('switch leaf1')?.health, 'ok');
  const refused = found.get('switch leaf2');
  assert.equal(refused?.health, 'problem');
  assert.match(
    refused?.message ?? '',
    /"leaf2" \(dell-os10, ssh wrought@127\.0\.0\.1 port \d+\): the login as "wrought" was refused/,
  );
  writeFileSync(file, '[leaf1]\ntype = "telnet"\n');
  const wrong = (await findingsOf(t, named)).get('configuration');
  assert.equal(wrong?.health, 'problem');
  assert.match(wrong?.message ?? '', /switches\.toml:2: leaf1\.type: is "telnet"/);
});
