// A lab comes up, says how it is, and leaves nothing behind, however it ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatLabStatus, type Lab, labDown, labStatus, labUp } from '../src/index.ts';
import { readLabState, writeLabState } from '../src/lab/record.ts';
import { namespaceExists, namespaceProcesses } from '../src/network/namespace.ts';
import { identify, isRunning, type ProcessIdentity } from '../src/process/identity.ts';
import { pollUntil } from '../src/process/poll.ts';
import { makeLabDirectory } from './support.ts';

const endDeadlineSeconds = 10;

function recordedProcesses(lab: Lab): Array<ProcessIdentity & { role: string }> {
  const state = readLabState(lab.directory);
  assert.ok(state, 'a lab that is up has a state file');
  return state.processes;
}

test('a lab comes up with machines that are off, outlives its maker, and goes without a trace', async (t) => {
  const { directory, remove } = makeLabDirectory();
  t.after(remove);
  const lab = await labUp({ directory, machines: [{ name: 'web' }, { name: 'db', firmware: 'uefi' }] });

  const status = await labStatus({ directory });
  assert.equal(status.state, 'up');
  assert.deepEqual(
    status.machines.map(({ record, now }) => [record.name, record.firmware, now?.power, now?.bmc]),
    [
      ['web', 'bios', 'off', 'running'],
      ['db', 'uefi', 'off', 'running'],
    ],
  );
  assert.match(formatLabStatus(status), /web {2}bios, 2048 MiB, 52:54:00:.*power off/);
  const web = lab.machine('web').record;
  assert.equal(statSync(web.bmc.passwordFile).mode & 0o777, 0o600);
  assert.notEqual(lab.machine('web').password(), lab.machine('db').password());

  const addresses = await lab.run('/sbin/ip', ['-brief', 'address']);
  assert.match(addresses.stdout, /br0 .*10\.99\.0\.1\/24 fd00:99::1\/64/);

  await lab.machine('web').ipmitool(['chassis', 'power', 'on']);
  const processes = recordedProcesses(lab);
  assert.deepEqual(processes.map(({ role }) => role).sort(), ['BMC db', 'BMC web', 'QEMU web', 'supervisor']);
  assert.ok(processes.every(isRunning));
  const server = lab.spawn('sleep', ['600'], { stdio: 'ignore' });
  assert.ok(server.pid);
  const inNamespace = await namespaceProcesses(lab.record.namespace);

  await lab.down();
  assert.ok(!namespaceExists(lab.record.namespace));
  assert.equal([...processes, ...inNamespace].some(isRunning), false, 'every process has ended');
  assert.equal(identify(server.pid), undefined, 'what ran in the namespace has ended too');
  assert.deepEqual(readdirSync(directory), ['logs']);
  assert.deepEqual(await labDown({ directory }), { endedProcesses: [], namespaceDeleted: false });
  assert.equal((await labStatus({ directory })).state, 'down');
});

test('two labs run side by side with the same addresses; a third cannot take the directory of the first', async (t) => {
  const first = makeLabDirectory();
  const second = makeLabDirectory();
  t.after(first.remove);
  t.after(second.remove);
  const one = await labUp({ directory: first.directory });
  const two = await labUp({ directory: second.directory });
  assert.notEqual(one.record.namespace, two.record.namespace);
  assert.equal(one.record.ipv4, two.record.ipv4);
  for (const lab of [one, two]) {
    assert.match(await lab.machine('n1').ipmitool(['chassis', 'power', 'status']), /Power is off/);
  }
  await assert.rejects(labUp({ directory: first.directory }), /a lab is up in .* already/);
  await one.down();
  assert.match(await two.machine('n1').ipmitool(['chassis', 'power', 'status']), /Power is off/);
});

test('what a crashed lab left is found and cleaned up by the next one', async (t) => {
  const { directory, remove } = makeLabDirectory();
  t.after(remove);
  const crashed = await labUp({ directory });
  await crashed.machine('n1').ipmitool(['chassis', 'power', 'on']);
  await crashed.machine('n1').settled();
  const left = recordedProcesses(crashed);
  const supervisor = left.find(({ role }) => role === 'supervisor');
  assert.ok(supervisor);
  process.kill(supervisor.pid, 'SIGKILL');
  assert.ok(await pollUntil(() => !isRunning(supervisor), endDeadlineSeconds));
  const status = await labStatus({ directory });
  assert.equal(status.state, 'crashed');
  assert.match(formatLabStatus(status), /crashed \(lab supervisor at .*ECONN/);
  assert.ok(left.some(isRunning), 'the machine and its BMC survive their supervisor');
  // The kernel gives the inode of a namespace that is gone to the next one: an address tells them apart.
  const mark = '10.99.7.7';
  await crashed.run('/sbin/ip', ['address', 'add', `${mark}/32`, 'dev', 'lo']);

  const next = await labUp({ directory });
  assert.equal(left.some(isRunning), false);
  const { stdout } = await next.run('/sbin/ip', ['address', 'show', 'dev', 'lo']);
  assert.ok(!stdout.includes(mark), 'the namespace is a new one');
  assert.match(await next.machine('n1').ipmitool(['chassis', 'power', 'status']), /Power is off/);
});

test('clean-up spares a process that merely has a recorded pid, and everything after a reboot', async (t) => {
  const { directory, remove } = makeLabDirectory();
  t.after(remove);
  const bystander = spawn('sleep', ['600'], { stdio: 'ignore' });
  t.after(() => bystander.kill());
  assert.ok(bystander.pid);
  const identity = identify(bystander.pid);
  assert.ok(identity);
  const state = { bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), namespace: 'wrought-none' };

  const reused = { role: 'QEMU n1', pid: identity.pid, startTime: String(Number(identity.startTime) - 1) };
  writeLabState(directory, { ...state, processes: [reused] });
  assert.deepEqual((await labDown({ directory })).endedProcesses, []);
  assert.ok(isRunning(identity));

  writeLabState(directory, { ...state, bootId: 'of another boot', processes: [{ role: 'QEMU n1', ...identity }] });
  assert.deepEqual((await labDown({ directory })).endedProcesses, []);
  assert.ok(isRunning(identity));
  assert.ok(!existsSync(join(directory, 'state.json')));
});

test('a lab does not take over a namespace that is not its own', async (t) => {
  const owner = makeLabDirectory();
  const other = makeLabDirectory();
  t.after(owner.remove);
  t.after(other.remove);
  const lab = await labUp({ directory: owner.directory, machines: 0 });
  const { namespace } = lab.record;
  await assert.rejects(labUp({ directory: other.directory, namespace }), /does not own it/);
  writeFileSync(
    join(other.directory, 'state.json'),
    JSON.stringify({ ...readLabState(owner.directory), namespaceInode: 1, processes: [] }),
  );
  assert.equal((await labDown({ directory: other.directory })).namespaceDeleted, false);
  assert.equal((await lab.status()).state, 'up');
});

test('a lab that cannot start says why and leaves nothing', async (t) => {
  const { directory, remove } = makeLabDirectory();
  t.after(remove);
  const twice = [{ mac: '52:54:00:00:00:01' }, { mac: '52:54:00:00:00:01' }];
  await assert.rejects(labUp({ directory, machines: [{ nics: twice }] }), /two NICs have the same MAC/);
  await assert.rejects(labUp({ directory, machines: [{ nics: [{ networkBoot: 'native' }] }] }), /SeaBIOS has no PXE/);
  await assert.rejects(labUp({ directory: join(directory, 'x'.repeat(100)) }), /a UNIX socket path at most 107/);
  await assert.rejects(labUp({ directory, machines: 1, ipv4: 'nonsense' }), /nonsense/);
  assert.equal((await labStatus({ directory })).state, 'down');
  assert.ok(!existsSync(join(directory, 'machines')));
});
