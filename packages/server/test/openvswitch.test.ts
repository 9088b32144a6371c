// Ports of a real Open vSwitch through its database: VLANs, groups, what is refused, and what a switch that is away is told to be.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { freePort, type Openvswitch, startOpenvswitch } from '@wrought/lab';
import { openOpenvswitch } from '../src/network/switches/openvswitch.ts';
import type { OvsdbPlace } from '../src/network/switches/ovsdb/client.ts';
import { accessTo, isSamePort, type PortState } from '../src/network/switches/port-config.ts';
import { SwitchError, type SwitchSession } from '../src/network/switches/switch-driver.ts';

let directory: string;
let openvswitch: Openvswitch;
let place: OvsdbPlace;
let secure: OvsdbPlace;
const never = new AbortController().signal;

/** A key and a certificate for it that vouches for itself; names of files. */
async function selfSigned(folder: string): Promise<[string, string]> {
  const files: [string, string] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=switch'],
    ...['-keyout', files[0], '-out', files[1], '-days', '2'],
  ]);
  return files;
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wrought-ovs-'));
  const port = await freePort();
  const tlsPort = await freePort();
  const [privateKey, certificate] = await selfSigned(directory);
  openvswitch = await startOpenvswitch({
    ...{ directory, isDummy: true, tls: { privateKey, certificate, authority: certificate } },
    remotes: [`ptcp:${port}:127.0.0.1`, `pssl:${tlsPort}:127.0.0.1`],
  });
  const [key, ca] = await Promise.all([readFile(privateKey, 'utf8'), readFile(certificate, 'utf8')]);
  secure = { kind: 'ssl', host: '127.0.0.1', port: tlsPort, ca, certificate: ca, key };
  place = { kind: 'tcp', host: '127.0.0.1', port };
  await openvswitch.vsctl(
    ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy'],
    ...['p1', 'p2', 'p3'].flatMap((name) => ['--', 'add-port', 'br0', name]),
  );
});

after(async () => {
  await openvswitch.stop();
  await rm(directory, { recursive: true });
});

async function withSession<Result>(work: (session: SwitchSession) => Promise<Result>): Promise<Result> {
  const session = await openOpenvswitch({ place, bridge: 'br0', timeoutSeconds: 10 }, never);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

const alone = (config: Omit<PortState, 'lag'>): PortState => ({ ...config, lag: null });
const trunk = alone({ mode: 'trunk', native_vlan: 201, allowed_vlans: [300, 301] });
const grouped = { ...trunk, lag: { name: 'bond0', aggregation: 'lacp' } } as const;

async function seenState(name: string) {
  const [seen] = await withSession((session) => session.readPorts([name]));
  return seen?.state ?? assert.fail(`port ${name} is not told: ${JSON.stringify(seen)}`);
}

const column = async (table: string, record: string, name: string) =>
  (await openvswitch.vsctl('get', table, record, name)).stdout.trim();

test('a port that carries every VLAN is told as such, and then given one', async () => {
  const [untouched] = await withSession((session) => session.readPorts(['p1']));
  assert.equal(untouched?.state, null);
  assert.match(untouched?.state === null ? untouched.reason : '', /trunk, with every VLAN/);
  const wanted = { name: 'p1', state: alone(accessTo(100)), description: 'node web port 52:54:00:00:00:01' };
  await withSession((session) => session.writePorts([wanted]));
  assert.deepEqual(await seenState('p1'), wanted.state);
  assert.equal(await column('port', 'p1', 'tag'), '100');
  assert.match(await column('port', 'p1', 'external_ids'), /node web/);
  await withSession((session) => session.writePorts([{ ...wanted, description: 'node db' }]));
  assert.match(await column('port', 'p1', 'external_ids'), /node db/);
});

test('a trunk keeps its native VLAN untagged, and goes back to access', async () => {
  await withSession((session) => session.writePorts([{ name: 'p1', state: trunk, description: 'x' }]));
  assert.equal(await column('port', 'p1', 'vlan_mode'), 'native-untagged');
  assert.ok(isSamePort(await seenState('p1'), { ...trunk, mode: 'hybrid' }));
  await withSession((session) => session.writePorts([{ name: 'p1', state: alone(accessTo(7)), description: 'x' }]));
  assert.deepEqual(await seenState('p1'), alone(accessTo(7)));
});

test('ports are grouped, and single again', async () => {
  const pair = ['p1', 'p2'].map((name) => ({ name, state: grouped, description: 'x' }));
  await withSession((session) => session.writePorts(pair));
  assert.deepEqual(await seenState('p2'), grouped);
  assert.equal(await column('port', 'bond0', 'lacp'), 'active');
  // Once more, and one leaves: the other stays in the group.
  await withSession((session) => session.writePorts(pair));
  await withSession((session) => session.writePorts([{ name: 'p1', state: alone(accessTo(100)), description: 'x' }]));
  assert.deepEqual(await seenState('p1'), alone(accessTo(100)));
  assert.equal((await seenState('p2')).lag?.name, 'bond0');
  await withSession((session) => session.writePorts([{ name: 'p2', state: alone(accessTo(100)), description: 'x' }]));
  const ports = (await openvswitch.vsctl('list-ports', 'br0')).stdout.trim().split('\n');
  assert.deepEqual(ports.sort(), ['p1', 'p2', 'p3']);
});

test('over TLS both ends show certificates', async () => {
  const session = await openOpenvswitch({ place: secure, bridge: 'br0', timeoutSeconds: 10 }, never);
  await session.writePorts([{ name: 'p3', state: alone(accessTo(300)), description: 'x' }]);
  assert.deepEqual((await session.readPorts(['p3']))[0]?.state, alone(accessTo(300)));
  await session.close();
  assert.ok(secure.kind === 'ssl');
  const strange = { ...secure, ca: rootCertificates[0] ?? '' };
  await assert.rejects(
    openOpenvswitch({ place: strange, bridge: 'br0', timeoutSeconds: 10 }, never),
    (error) => error instanceof SwitchError && /^ssl:127\.0\.0\.1:\d+: .*certificate/.test(error.message),
  );
});

test('what the switch does not have is refused by name', async () => {
  await assert.rejects(
    withSession((session) => session.readPorts(['p9'])),
    (error) => error instanceof SwitchError && /no port "p9"/.test(error.message),
  );
  await assert.rejects(
    openOpenvswitch({ place, bridge: 'br7', timeoutSeconds: 10 }, never).then((session) => session.readPorts(['p1'])),
    /no bridge "br7"/,
  );
});

test('a switch that is away, or whose daemon is, is told', async () => {
  const port = await freePort();
  const gone = openOpenvswitch(
    { place: { kind: 'tcp', host: '127.0.0.1', port }, bridge: 'br0', timeoutSeconds: 5 },
    never,
  );
  await assert.rejects(
    gone,
    (error) => error instanceof SwitchError && error.message.includes(`tcp:127.0.0.1:${port}`),
  );
  await openvswitch.stopDaemon();
  const session = await openOpenvswitch({ place, bridge: 'br0', timeoutSeconds: 1 }, never);
  const late = session.writePorts([{ name: 'p3', state: alone(accessTo(5)), description: 'x' }]);
  await assert.rejects(late, /ovs-vswitchd did not do it within 1 s/);
  await session.close();
  await openvswitch.startDaemon();
  assert.deepEqual(await seenState('p3'), alone(accessTo(5)));
});

test('an answer that is none of OVSDB is told as one of the switch', async (t) => {
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      const { id } = JSON.parse(String(bytes)) as { id: number };
      const rows = [{ _uuid: ['uuid', 'b'], name: { strange: true }, ports: ['map', []] }];
      socket.write(JSON.stringify({ id, result: [{ rows }, { rows }, { rows }], error: null }));
    });
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const there = { kind: 'tcp', host: '127.0.0.1', port } as const;
  const session = await openOpenvswitch({ place: there, bridge: 'br0', timeoutSeconds: 10 }, never);
  await assert.rejects(
    session.readPorts(['p1']),
    (error) => error instanceof SwitchError && /is no value of OVSDB/.test(error.message),
  );
  await session.close();
});

test('work that is ended gives the connection up', async () => {
  const ending = new AbortController();
  const session = await openOpenvswitch({ place, bridge: 'br0', timeoutSeconds: 10 }, ending.signal);
  ending.abort();
  await assert.rejects(session.readPorts(['p1']), /the work was ended/);
});
