// A console at the WebSocket of an API, while a conductor in another process has it: joined, lost, and taken over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, startBmcSimulator } from '@wrought/lab';
import { listenAt } from '../../packages/server/test/support/console-server.ts';
import { until } from './installation.ts';
import { newInstallation } from './new-installation.ts';

test('a listener at an API hears the console of another process, and is told when that is gone', async (t) => {
  const simulator = await startBmcSimulator({ count: 1 });
  t.after(() => simulator.close());
  const site = await newInstallation(t);
  const set = ['drivers.enabled=["ipmi"]', 'console.restore_interval=1'];
  const [api, first] = await Promise.all([site.start('api', 'api-1', set), site.start('conductor', 'c-1', set)]);
  await until('a conductor serves', async () =>
    (await site.call(api, 'GET', '/v1/drivers')).body.drivers[0]?.hosts.length === 1 ? true : undefined,
  );
  const [node] = await site.createNodes(api, 1, {
    driver: 'ipmi',
    console_interface: 'ipmitool-socat',
    driver_info: {
      ipmi_address: '127.0.0.1',
      ipmi_port: simulator.bmcs[0]?.port,
      ipmi_username: 'admin',
      ipmi_password: 'secret12',
      ipmi_terminal_port: await freePort(),
    },
  });
  assert.ok(node !== undefined);
  const asked = await site.call(api, 'PUT', `/v1/nodes/${node.uuid}/states/console`, { enabled: true });
  assert.equal(asked.status, 202);
  await site.untilAll(api, ({ console_enabled, reservation }) => console_enabled === true && reservation === null);

  const url = `${api.url.replace(/^http/, 'ws')}/wrought/v1/nodes/${node.uuid}/console`;
  const listener = listenAt(t, url);
  await listener.until('machine-0 console\r\n> ');
  listener.socket.send('hello\r');
  await listener.until('hello\r\n> ');

  await site.start('conductor', 'c-2', set);
  await site.end(first, 'SIGKILL');
  assert.deepEqual(await listener.ended(), { code: 4004, reason: 'the connection to conductor c-1 broke' });
  const again = await until('another conductor has the console', async () => {
    const next = listenAt(t, url);
    const answered = await Promise.race([next.until('console').then(() => 'joined'), next.refused()]).catch(
      () => 'lost',
    );
    return answered === 'joined' ? next : undefined;
  });
  again.socket.send('still there\r');
  await again.until('still there\r\n> ');
});
