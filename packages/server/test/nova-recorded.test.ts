// What nova-api of Debian (26.2.2, its API 2.93) answered to power updates of this client: one machine that it knows, one that it knows
// without a host, and one that it does not know.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../src/config/index.ts';
import { createCloud } from '../src/openstack/cloud.ts';
import { OpenStackError } from '../src/openstack/service.ts';

const [KNOWN, HOMELESS, UNKNOWN] = ['1', '2', '3'].map((digit) => `${digit.repeat(8)}-1111-4111-8111-111111111111`) as [
  string,
  string,
  string,
];

/** One event of an answer. */
const event = (server_uuid: string, tag: string, status: string, code: number) => ({
  name: 'power-update',
  server_uuid,
  tag,
  status,
  code,
});

/** By the events of the request ("UUID TAG", joined), what came back. */
const recorded: Readonly<Record<string, { readonly status: number; readonly body: object }>> = {
  [`${KNOWN} POWER_ON`]: { status: 200, body: { events: [event(KNOWN, 'POWER_ON', 'completed', 200)] } },
  [`${HOMELESS} POWER_OFF`]: { status: 207, body: { events: [event(HOMELESS, 'POWER_OFF', 'failed', 422)] } },
  [`${UNKNOWN} POWER_OFF`]: { status: 207, body: { events: [event(UNKNOWN, 'POWER_OFF', 'failed', 404)] } },
  [`${KNOWN} POWER_OFF, ${HOMELESS} POWER_ON, ${UNKNOWN} POWER_ON`]: {
    status: 207,
    body: {
      events: [
        event(KNOWN, 'POWER_OFF', 'completed', 200),
        event(HOMELESS, 'POWER_ON', 'failed', 422),
        event(UNKNOWN, 'POWER_ON', 'failed', 404),
      ],
    },
  },
};

/** Below 2.76. */
const tooOld = {
  badRequest: {
    code: 400,
    message:
      "Invalid input for field/attribute name. Value: power-update. 'power-update' is not one of ['network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted', 'volume-extended']",
  },
};

interface Sent {
  readonly events: readonly { readonly name: string; readonly server_uuid: string; readonly tag: string }[];
}

/** Answers as was recorded; `version` is the newest one that it knows. */
async function startNova(t: TestContext, version = 2.93) {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { events } = JSON.parse(Buffer.concat(pieces).toString()) as Sent;
      const asked = events.map(({ server_uuid, tag }) => `${server_uuid} ${tag}`).join(', ');
      const isOurs = request.method === 'POST' && request.url === '/v2.1/os-server-external-events';
      const isKnown = request.headers['openstack-api-version'] === 'compute 2.76' && version >= 2.76;
      const found = isKnown ? recorded[asked] : { status: 400, body: tooOld };
      const { status, body } = isOurs && found !== undefined ? found : { status: 404, body: { asked } };
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cloud = createCloud(
    loadConfig({ set: ['nova.auth_type=none', `nova.endpoint_override=http://127.0.0.1:${port}/v2.1`] }),
  );
  t.after(async () => {
    await cloud.close();
    server.close();
  });
  return cloud.nova();
}

test('the answers of Nova are read event by event', async (t) => {
  const nova = await startNova(t);
  assert.deepEqual(await nova.tellPower([{ server: KNOWN, power: 'power on' }]), [200]);
  assert.deepEqual(await nova.tellPower([{ server: HOMELESS, power: 'power off' }]), [422]);
  assert.deepEqual(await nova.tellPower([{ server: UNKNOWN, power: 'power off' }]), [404]);
  assert.deepEqual(
    await nova.tellPower([
      { server: KNOWN, power: 'power off' },
      { server: HOMELESS, power: 'power on' },
      { server: UNKNOWN, power: 'power on' },
    ]),
    [200, 422, 404],
  );
});

test('a Nova before 2.76 is an error with what it said', async (t) => {
  const nova = await startNova(t, 2.75);
  await assert.rejects(
    nova.tellPower([{ server: KNOWN, power: 'power on' }]),
    (error) =>
      error instanceof OpenStackError && error.status === 400 && /'power-update' is not one of/.test(error.message),
  );
});
