// The switches of the operator: those who wait for one that is silent learn so together.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../src/config/index.ts';
import { SwitchError } from '../src/network/switches/switch-driver.ts';
import { createSwitches } from '../src/network/switches/switches.ts';

test('many machines at a silent switch fail together, and whoever comes later tries again', async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const directory = await mkdtemp(join(tmpdir(), 'wrought-switches-'));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(directory, { recursive: true });
  });
  const file = join(directory, 'switches.toml');
  const { port } = server.address() as AddressInfo;
  await writeFile(
    file,
    `[leaf1]\ntype = "openvswitch"\nswitch_ids = ["52:54:00:ff:ff:02"]\ndatabase = "tcp:127.0.0.1:${port}"\nbridge = "br0"\n`,
  );
  const set = [`ironic_networking.switch_config_file=${file}`, 'ironic_networking.switch_timeout=1'];
  const switches = createSwitches(() => loadConfig({ set }));
  const [definition] = await switches.definitions();
  assert.ok(definition !== undefined);
  const look = () => switches.compare(definition, [], new AbortController().signal);
  const results = await Promise.allSettled(Array.from({ length: 20 }, look));
  assert.ok(results.every((result) => result.status === 'rejected' && result.reason instanceof SwitchError));
  assert.equal(sockets.length, 1);
  await assert.rejects(look(), SwitchError);
  assert.equal(sockets.length, 2);
});
