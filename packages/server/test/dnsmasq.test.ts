// The DHCP provider with a real dnsmasq in a network namespace, a real DHCP client in another one, and TFTP between them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { loadConfig } from '../src/config/index.ts';
import { dnsmasqConfiguration } from '../src/network/dhcp/dnsmasq-config.ts';
import { NO_BOOT_FILE, optionLines } from '../src/network/dhcp/dnsmasq-files.ts';
import { createDnsmasqLogReader } from '../src/network/dhcp/dnsmasq-log.ts';
import { createDhcpProvider } from '../src/network/dhcp/index.ts';
import { identify, isRunning } from '../src/network/dhcp/process-identity.ts';
import type { BootOffer, DhcpEvent, DhcpProvider } from '../src/network/dhcp/provider.ts';
import { createCloud } from '../src/openstack/cloud.ts';
import { silentLog } from './support/conductor.ts';

const run = promisify(execFile);
const EVENT_DEADLINE_MILLISECONDS = 10_000;

const offer: BootOffer = {
  ipxeScriptUrl: 'http://10.98.0.1:8088/boot.ipxe',
  bootMode: 'bios',
  biosBootFile: 'undionly.kpxe',
  uefiBootFile: 'snponly.efi',
  uefiHttpUrl: 'http://10.98.0.1:8088/snponly.efi',
  tftpServer: '10.98.0.1',
};

const mac = '52:54:00:98:00:02';
/** What a client says of itself: DHCP options for udhcpc's -x. */
const ipxe = ['-x', '0xaf:b105'];
const uefi = ['-x', '0x5d:0007'];
const uefiHttp = ['-x', '0x5d:0010', '-V', 'HTTPClient:Arch:00016:UNDI:003001'];

interface Net {
  readonly directory: string;
  readonly provider: DhcpProvider;
  readonly events: DhcpEvent[];
  /** A second provider over the same data directory, as after a crash of the server. */
  another(): DhcpProvider;
  /** Asks for an address and a boot file; answers the variables that udhcpc hands to its script. */
  ask(...options: string[]): Promise<Record<string, string>>;
  /** Asks for an address alone, as an operating system does. */
  askAsSystem(): Promise<Record<string, string>>;
  tftp(file: string): Promise<string>;
}

async function makeNet(t: TestContext): Promise<Net> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-dhcp-'));
  const id = randomBytes(3).toString('hex');
  const [server, client] = [`wt-s-${id}`, `wt-c-${id}`];
  const ip = (...args: string[]) => run('ip', args);
  t.after(async () => {
    await ip('netns', 'del', server);
    await ip('netns', 'del', client);
    await rm(directory, { recursive: true, force: true });
  });
  await ip('netns', 'add', server);
  await ip('netns', 'add', client);
  await ip('-n', server, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', client);
  await ip('-n', server, 'addr', 'add', '10.98.0.1/24', 'dev', 'v0');
  await ip('-n', server, 'link', 'set', 'v0', 'up');
  await ip('-n', client, 'link', 'set', 'v1', 'address', mac);
  await ip('-n', client, 'link', 'set', 'v1', 'up');
  const program = join(directory, 'dnsmasq');
  await writeFile(program, `#!/bin/sh\nexec ip netns exec ${server} dnsmasq "$@"\n`);
  await chmod(program, 0o755);
  const script = join(directory, 'udhcpc-script');
  await writeFile(
    script,
    '#!/bin/sh\n[ "$1" = bound ] || exit 0\nenv | grep -E "^(ip|boot_file|bootfile|siaddr|tftp|router|vendor)="\n' +
      'ip addr add "$ip/24" dev "$interface" 2>/dev/null\nexit 0\n',
  );
  await chmod(script, 0o755);
  const config = loadConfig({
    dataDirectory: join(directory, 'data'),
    set: [
      'dhcp.dhcp_provider=dnsmasq',
      `dnsmasq.program=${program}`,
      'dnsmasq.interface=v0',
      'dnsmasq.ranges=["10.98.0.50,10.98.0.99,255.255.255.0"]',
    ],
  });
  await mkdir(config.pxe.tftp_root, { recursive: true });
  await writeFile(join(config.pxe.tftp_root, 'loader.bin'), 'a boot loader');
  const another = () => createDhcpProvider({ config: () => config, log: silentLog, cloud: createCloud(config) });
  const provider = another();
  const events: DhcpEvent[] = [];
  provider.onEvent((event) => void events.push(event));
  async function ask(...options: string[]): Promise<Record<string, string>> {
    const args = ['netns', 'exec', client, 'busybox', 'udhcpc', '-i', 'v1', '-f', '-q', '-n', '-t', '10', '-T', '1'];
    const { stdout } = await run('ip', [...args, ...options, '-s', script]);
    return Object.fromEntries(
      stdout.split('\n').flatMap((line) => {
        const equals = line.indexOf('=');
        return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]];
      }),
    );
  }
  return {
    directory: join(directory, 'data'),
    provider,
    events,
    another,
    ask: (...options) => ask('-O', 'bootfile', '-O', 'tftp', '-O', '60', ...options),
    askAsSystem: () => ask(),
    async tftp(file) {
      const local = join(directory, 'fetched');
      await run('ip', ['netns', 'exec', client, 'busybox', 'tftp', '-g', '-r', file, '-l', local, '10.98.0.1']);
      return readFile(local, 'utf8');
    },
  };
}

const bootFile = (answer: Record<string, string>) => answer.bootfile ?? answer.boot_file;

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + EVENT_DEADLINE_MILLISECONDS;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `waited in vain for ${what}`);
    await sleep(20);
  }
}

async function recordedProcess(directory: string) {
  return JSON.parse(await readFile(join(directory, 'dnsmasq', 'process.json'), 'utf8')) as {
    pid: number;
    startTime: string;
  };
}

test('boot files are offered by firmware, only while they are, and what happens is told by MAC', async (t) => {
  const net = await makeNet(t);
  await net.provider.start();
  t.after(() => net.provider.stop());

  const stranger = await net.ask(...ipxe);
  assert.match(stranger.ip ?? '', /^10\.98\.0\./);
  assert.equal(bootFile(stranger), undefined);
  assert.equal(stranger.router, undefined);

  await net.provider.offerBoot(mac, offer);
  const offered = async (...options: string[]) => bootFile(await net.ask(...options));
  await until(async () => (await offered()) === 'undionly.kpxe', 'the loader for BIOS');
  assert.equal(await offered(...uefi), 'snponly.efi');
  assert.equal(await offered(...uefiHttp), 'http://10.98.0.1:8088/snponly.efi');
  assert.equal(await offered(...ipxe), 'http://10.98.0.1:8088/boot.ipxe');
  assert.equal(await offered(...uefi, ...ipxe), 'http://10.98.0.1:8088/boot.ipxe');
  const answer = await net.ask();
  assert.equal(answer.siaddr, '10.98.0.1');

  assert.equal(await net.tftp('loader.bin'), 'a boot loader');
  await assert.rejects(net.tftp('missing.bin'));
  const told = (pattern: RegExp) => net.events.some(({ address, message }) => address === mac && pattern.test(message));
  await until(() => told(/fetched loader\.bin/), 'the TFTP transfer');
  await until(() => told(/missing\.bin/), 'the missing file');
  assert.ok(told(/DHCPACK: .* got 10\.98\.0\./));

  await net.provider.withdrawBoot(mac);
  await until(async () => (await offered()) === NO_BOOT_FILE, 'the end of the offer');
  assert.equal(await offered(...ipxe), NO_BOOT_FILE);
  assert.equal(await offered(...uefi), NO_BOOT_FILE);
  await net.provider.stop();
  await net.provider.start();
  assert.deepEqual(await readdir(join(net.directory, 'dnsmasq', 'hosts')), []);
});

test('offers come and go while the same dnsmasq runs', async (t) => {
  const net = await makeNet(t);
  await net.provider.start();
  t.after(() => net.provider.stop());
  const first = await recordedProcess(net.directory);
  for (let round = 0; round < 5; round += 1) {
    await net.provider.offerBoot(mac, { ...offer, biosBootFile: `loader-${round}` });
    await until(async () => bootFile(await net.ask()) === `loader-${round}`, `offer ${round}`);
    await net.provider.withdrawBoot(mac);
    await until(async () => bootFile(await net.ask()) === NO_BOOT_FILE, `the end of offer ${round}`);
    assert.match((await net.askAsSystem()).ip ?? '', /^10\.98\.0\./);
  }
  assert.ok(await isRunning(first));
});

test('a dnsmasq that dies is started again', async (t) => {
  const net = await makeNet(t);
  await net.provider.start();
  t.after(() => net.provider.stop());
  const first = await recordedProcess(net.directory);
  process.kill(first.pid, 'SIGKILL');
  await until(async () => (await recordedProcess(net.directory)).pid !== first.pid, 'another process');
  assert.match((await net.ask()).ip ?? '', /^10\.98\.0\./);
});

test('after a crash of the server the running dnsmasq is found again, and stopped with it', async (t) => {
  const net = await makeNet(t);
  await net.provider.start();
  t.after(() => net.provider.stop());
  const first = await recordedProcess(net.directory);
  const second = net.another();
  await second.start();
  assert.deepEqual(await recordedProcess(net.directory), { ...first });
  await second.stop();
  assert.equal(await isRunning(first), false);
});

test('a dnsmasq that can not start is explained in its own words', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-dhcp-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig({
    dataDirectory: directory,
    set: [
      'dhcp.dhcp_provider=dnsmasq',
      'dnsmasq.interface=lo',
      'dnsmasq.ranges=["10.98.0.50,10.98.0.99"]',
      'dnsmasq.extra_options=["no-such-option=1"]',
    ],
  });
  const provider = createDhcpProvider({ config: () => config, log: silentLog, cloud: createCloud(config) });
  await assert.rejects(provider.start(), /did not start.*(bad option|no-such-option).*dnsmasq section/s);
  await provider.stop();
});

test('external: only the files are written', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-dhcp-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig({ dataDirectory: directory, set: ['dhcp.dhcp_provider=external'] });
  const provider = createDhcpProvider({ config: () => config, log: silentLog, cloud: createCloud(config) });
  await provider.start();
  await provider.offerBoot(mac, offer);
  assert.deepEqual(await readdir(join(directory, 'dnsmasq')), ['hosts', 'options']);
  assert.match(await readFile(join(directory, 'dnsmasq/hosts/52-54-00-98-00-02'), 'utf8'), /^52:54:00:98:00:02,set:/);
  await provider.withdrawBoot(mac);
  assert.match(
    await readFile(join(directory, 'dnsmasq/options/52-54-00-98-00-02'), 'utf8'),
    /,option:bootfile-name,no-network-boot\n$/,
  );
});

test('the configuration holds what the options say', () => {
  const config = loadConfig({
    dataDirectory: '/data',
    set: [
      'dhcp.dhcp_provider=dnsmasq',
      'dnsmasq.interface=br0',
      'dnsmasq.ranges=["10.0.0.5,10.0.0.9","10.0.1.5,10.0.1.9,255.255.255.0,2h"]',
      'dnsmasq.router=10.0.0.1',
      'dnsmasq.ipv6_prefix=fd00::',
      'dnsmasq.extra_options=["dhcp-ignore=tag:!known"]',
    ],
  });
  const text = dnsmasqConfiguration(config, { configuration: '/c', leases: '/l', log: '/g' });
  for (const line of [
    'interface=br0',
    'port=0',
    'dhcp-range=10.0.0.5,10.0.0.9,10m',
    'dhcp-range=10.0.1.5,10.0.1.9,255.255.255.0,2h',
    'dhcp-option=option:router,10.0.0.1',
    'enable-ra',
    'dhcp-range=fd00::,ra-only,64,10m',
    'tftp-root=/data/tftpboot',
    'dhcp-ignore=tag:!known',
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
});

test('without an iPXE script every client is offered a loader', () => {
  const lines = optionLines(mac, { ...offer, ipxeScriptUrl: null, uefiHttpUrl: null });
  assert.doesNotMatch(lines, /tag:!?ipxe|http:/);
  assert.match(lines, /tag:!efi,tag:!efihttp,option:bootfile-name,undionly\.kpxe/);
});

test('the log reader takes anything, and tells machines apart', () => {
  const reader = createDnsmasqLogReader('/tftp');
  assert.equal(reader.read('dnsmasq-tftp[7]: sent /tftp/a to 10.0.0.9'), undefined);
  assert.deepEqual(reader.read('Nov 21 06:00:00 dnsmasq-dhcp[7]: DHCPACK(br0) 10.0.0.9 52:54:00:00:00:01 host'), {
    kind: 'dhcp',
    address: '52:54:00:00:00:01',
    severity: 'info',
    message: 'DHCPACK: 52:54:00:00:00:01 got 10.0.0.9.',
    ip: '10.0.0.9',
  });
  assert.equal(
    reader.read('Nov 21 06:00:00 dnsmasq-tftp[7]: sent /tftp/a/b to 10.0.0.9')?.message,
    'TFTP: 10.0.0.9 fetched a/b.',
  );
  assert.equal(
    reader.read('Nov 21 06:00:00 dnsmasq-dhcp[7]: DHCPDISCOVER(br0) 52:54:00:00:00:02 no address available')?.severity,
    'warning',
  );
  fc.assert(
    fc.property(fc.string(), (line) => {
      const event = reader.read(`dnsmasq-dhcp[1]: ${line}`) ?? reader.read(line);
      assert.ok(event === undefined || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(event.address));
    }),
  );
});

test('a process is known by its start time', async () => {
  const own = await identify(process.pid);
  assert.ok(own !== undefined && (await isRunning(own)));
  assert.equal(await isRunning({ pid: process.pid, startTime: '1' }), false);
});
