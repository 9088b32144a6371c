// Tests `wrought doctor` before, beside and after a server with DHCP, TFTP and boot files of its own in a network namespace.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Finding } from '@wrought/server/doctor';
import { wrought } from './fake-api.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../../bin/wrought', import.meta.url));

const toml = `
[api]
listen = "10.97.0.1:6385"
[dhcp]
dhcp_provider = "dnsmasq"
[dnsmasq]
interface = "v0"
ranges = ["10.97.0.50,10.97.0.99,255.255.255.0"]
`;

/** A namespace with the interface v0, and programs that run in it. */
async function makeSite(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-doctor-'));
  const name = `wt-doctor-${randomBytes(3).toString('hex')}`;
  const ip = (...args: string[]) => run('ip', args);
  await ip('netns', 'add', name);
  t.after(async () => {
    await ip('netns', 'del', name);
    await rm(folder, { recursive: true, force: true });
  });
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  await ip('-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  await ip('-n', name, 'link', 'set', 'v1', 'up');
  await ip('-n', name, 'addr', 'add', '10.97.0.1/24', 'dev', 'v0');
  await ip('-n', name, 'link', 'set', 'v0', 'up');
  const file = join(folder, 'wrought.toml');
  await writeFile(file, toml);
  const inside = (command: string, ...more: string[]) => [
    'netns',
    'exec',
    name,
    program,
    '--data-dir',
    join(folder, 'data'),
    '--format',
    'json',
    command,
    '--config',
    file,
    ...more,
  ];
  return {
    data: join(folder, 'data'),
    async doctor(...set: string[]) {
      const more = set.flatMap((assignment) => ['--set', assignment]);
      const { stdout, exitCode } = await run('ip', inside('doctor', ...more)).then(
        (done) => ({ ...done, exitCode: 0 }),
        (error) => ({ stdout: error.stdout as string, exitCode: error.code as number }),
      );
      return { exitCode, findings: JSON.parse(stdout) as Finding[] };
    },
    async serve() {
      const child = spawn('ip', inside('serve'), { stdio: ['ignore', 'pipe', 'inherit'] });
      const exit = once(child, 'exit');
      await once(createInterface({ input: child.stdout }), 'line');
      return async () => {
        child.kill();
        await exit;
      };
    },
  };
}

function only(findings: readonly Finding[], subject: string): Finding {
  const found = findings.filter((finding) => finding.subject === subject);
  assert.equal(found.length, 1, `${subject}: ${JSON.stringify(findings, null, 2)}`);
  return found[0] as Finding;
}

test('a site is looked at before and beside its server', async (t) => {
  const site = await makeSite(t);
  const before = await site.doctor();
  assert.equal(before.exitCode, 0);
  assert.equal(only(before.findings, 'api.listen').message, '10.97.0.1:6385 is free.');
  assert.match(only(before.findings, 'server').message, /^No server runs/);

  const stop = await site.serve();
  t.after(stop);
  const beside = await site.doctor();
  assert.deepEqual(
    beside.findings.filter(({ health }) => health === 'problem'),
    [],
  );
  assert.equal(beside.exitCode, 0);
  const { findings } = beside;
  assert.match(only(findings, 'api.listen').message, /^Our server \(process \d+\) listens on 10\.97\.0\.1:6385\.$/);
  assert.match(only(findings, 'api.unix_socket').message, /^The API answers on /);
  assert.match(
    only(findings, 'boot files (HTTP)').message,
    /^GET http:\/\/10\.97\.0\.1:8088\/boot\.ipxe brings the file/,
  );
  assert.match(
    only(findings, 'boot files (TFTP)').message,
    /^TFTP from 10\.97\.0\.1 brings grub\/grub\.cfg \(\d+ bytes\)\.$/,
  );
  assert.match(only(findings, 'dnsmasq.program').message, /^Dnsmasq version \d/);
  assert.match(only(findings, 'schema').message, /^The database has schema level (\d+); this program knows \1\.$/);

  await chmod(join(site.data, 'password'), 0o644);
  const ill = await site.doctor(
    'deploy.http_url=http://10.97.0.1:8089',
    'api.ramdisk_listen=10.97.0.1:7777',
    'ipmi.program=no-such-ipmitool',
    'dnsmasq.interface=v7',
  );
  assert.equal(ill.exitCode, 1);
  const healthOf = (subject: string) => only(ill.findings, subject).health;
  assert.equal(healthOf('secrets'), 'problem');
  assert.equal(healthOf('api.ramdisk_listen'), 'warning');
  assert.equal(healthOf('ipmi.program'), 'problem');
  assert.match(only(ill.findings, 'ipmi.program').remedy ?? '', /^apt-get install ipmitool, or name/);
  assert.match(only(ill.findings, 'dnsmasq.interface').remedy ?? '', /name one of: .*v0/);
  assert.match(only(ill.findings, 'boot files (HTTP)').message, /failed: connect ECONNREFUSED 10\.97\.0\.1:8089\.$/);
});

test('what is wrong with a configuration is named with its line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-doctor-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'wrought.toml');
  await writeFile(file, '[api]\nlisten = "x"\n');
  const { out, err, exitCode } = await wrought(['--data-dir', folder, 'doctor', '--config', file]);
  assert.equal(exitCode, 1);
  assert.match(out, new RegExp(`^problem  configuration: ${file}:2: api\\.listen: "x" is not allowed`));
  assert.match(out, /\n {9}-> /);
  assert.equal(err, 'wrought: there is a problem\n');
});
