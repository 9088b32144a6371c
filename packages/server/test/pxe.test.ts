// Network boot: the files that a machine boots from, the offers that go with them, what is refused, and whose evidence it is.
import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { agentApiUrl, bootUrl } from '../src/boot/addresses.ts';
import { bootModeOf, checkBootMode } from '../src/boot/boot-mode.ts';
import { checkCapabilities } from '../src/boot/capabilities.ts';
import { createBootServices, type ServerEnvironment } from '../src/boot/services.ts';
import { loadConfig } from '../src/config/index.ts';
import type { Evidence, ManagementInterface } from '../src/drivers/kit/index.ts';
import { ipxeBoot } from '../src/drivers/pxe/ipxe.ts';
import { pxeBoot } from '../src/drivers/pxe/pxe.ts';
import type { BootOffer } from '../src/network/dhcp/provider.ts';
import { flatNetwork } from '../src/network/flat.ts';
import { noopNetwork } from '../src/network/noop.ts';
import { createCloud } from '../src/openstack/cloud.ts';
import { silentLog } from './support/conductor.ts';
import { testNode, testPort, testTask } from './support/task.ts';

const mac = '52:54:00:12:34:56';

interface Bench {
  readonly directory: string;
  readonly environment: ServerEnvironment;
  readonly offers: Map<string, BootOffer>;
  readonly bootDevices: [string, boolean][];
  task(options?: {
    node?: Parameters<typeof testNode>[0];
    set?: readonly string[];
    ports?: string[];
  }): ReturnType<typeof testTask>;
}

async function setUp(
  t: TestContext,
  set: readonly string[] = [],
  devices: readonly string[] = ['pxe', 'disk', 'uefihttp'],
): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-pxe-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, 'images'));
  await writeFile(join(directory, 'images/kernel'), 'the kernel');
  await writeFile(join(directory, 'images/ramdisk'), 'the ramdisk');
  const all = [
    'deploy.http_url=http://10.0.0.1:8088/',
    'api.public_endpoint=http://10.0.0.1:6385',
    `conductor.deploy_kernel=file://${directory}/images/kernel`,
    `conductor.deploy_ramdisk=${directory}/images/ramdisk`,
    ...set,
  ];
  const config = loadConfig({ dataDirectory: directory, set: all });
  const services = await createBootServices({ config: () => config, log: silentLog });
  const offers = new Map<string, BootOffer>();
  const bootDevices: [string, boolean][] = [];
  const management: ManagementInterface = {
    kind: 'management',
    name: 'noted',
    properties: {},
    validate: async () => {},
    supportedBootDevices: async () => devices,
    setBootDevice: async (_task, device, persistent) => void bootDevices.push([device, persistent]),
    getBootDevice: async () => ({ boot_device: null, persistent: null }),
  };
  return {
    directory,
    offers,
    bootDevices,
    environment: {
      ...services.environment,
      dhcp: {
        name: 'dnsmasq',
        start: async () => {},
        stop: async () => {},
        offerBoot: async (address, offer) => void offers.set(address, offer),
        withdrawBoot: async (address) => void offers.delete(address),
        onEvent: () => {},
      },
    },
    task: (options = {}) =>
      testTask({
        dataDirectory: directory,
        set: [...all, ...(options.set ?? [])],
        interfaces: [management],
        ports: (options.ports ?? [mac]).map((address) => testPort(address)),
        node: { properties: { capabilities: 'boot_mode:bios' }, ...options.node },
      }),
  };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

test('ipxe: kernel, ramdisk, script and offer for the ramdisk; all gone for the instance', async (t) => {
  const bench = await setUp(t);
  const boot = ipxeBoot(bench.environment);
  const { task } = bench.task({ node: { driver_info: { kernel_append_params: '%default% console=ttyS0' } } });
  task.learn(await boot.prepareRamdisk(task, 'deploy'));
  const root = join(bench.directory, 'httpboot');
  assert.equal(await readFile(join(root, task.node.uuid, 'deploy_kernel'), 'utf8'), 'the kernel');
  assert.equal(await readFile(join(root, task.node.uuid, 'deploy_ramdisk'), 'utf8'), 'the ramdisk');
  const script = await readFile(join(root, 'pxelinux.cfg/52-54-00-12-34-56'), 'utf8');
  assert.match(script, /^#!ipxe\n/);
  assert.ok(
    script.includes(
      `kernel http://10.0.0.1:8088/${task.node.uuid}/deploy_kernel initrd=deploy_ramdisk ` +
        `ipa-api-url=http://10.0.0.1:6385 nofb vga=normal console=ttyS0 BOOTIF=\${netX/mac} || goto retry`,
    ),
    script,
  );
  assert.deepEqual(bench.offers.get(mac), {
    ipxeScriptUrl: 'http://10.0.0.1:8088/boot.ipxe',
    bootMode: 'bios',
    biosBootFile: 'undionly.kpxe',
    uefiBootFile: 'snponly.efi',
    uefiHttpUrl: 'http://10.0.0.1:8088/snponly.efi',
    tftpServer: '10.0.0.1',
  });
  assert.deepEqual(bench.bootDevices, [['pxe', false]]);

  await boot.prepareInstance(task);
  assert.equal(bench.offers.size, 0);
  assert.equal(await exists(join(root, task.node.uuid)), false);
  assert.deepEqual(await readdir(join(root, 'pxelinux.cfg')), []);
  assert.deepEqual(bench.bootDevices, [
    ['pxe', false],
    ['disk', true],
  ]);
});

test('pxe: PXELINUX and GRUB configurations over TFTP', async (t) => {
  const bench = await setUp(t);
  const boot = pxeBoot(bench.environment);
  const root = join(bench.directory, 'tftpboot');
  const { task } = bench.task();
  await assert.rejects(boot.validate(task), /pxelinux\.0 is not in .*tftpboot.*pxelinux and restart/);
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'pxelinux.0'), '');
  await boot.prepareRamdisk(task, 'clean');
  const pxelinux = await readFile(join(root, 'pxelinux.cfg/01-52-54-00-12-34-56'), 'utf8');
  assert.match(pxelinux, new RegExp(`KERNEL /${task.node.uuid}/deploy_kernel`));
  assert.match(
    pxelinux,
    new RegExp(`APPEND initrd=/${task.node.uuid}/deploy_ramdisk ipa-api-url=http://10.0.0.1:6385 `),
  );
  assert.match(pxelinux, /IPAPPEND 2/);
  const grub = await readFile(join(root, `grub/machines/${mac}.cfg`), 'utf8');
  assert.match(grub, new RegExp(`linux /${task.node.uuid}/deploy_kernel 'ipa-api-url=http://10.0.0.1:6385' 'nofb'`));
  assert.equal(bench.offers.get(mac)?.ipxeScriptUrl, null);
  assert.equal(bench.offers.get(mac)?.biosBootFile, 'pxelinux.0');
  assert.equal(bench.offers.get(mac)?.uefiBootFile, 'bootx64.efi');
  await boot.cleanUpRamdisk(task);
  assert.equal(bench.offers.size, 0);
  assert.deepEqual(await readdir(join(root, 'grub/machines')), []);
});

const uefi = { properties: { capabilities: 'boot_mode:uefi' } };

test('http-ipxe: firmware is told to boot over HTTP, and offered the loader by its URL', async (t) => {
  const bench = await setUp(t);
  const boot = ipxeBoot(bench.environment, 'http-ipxe');
  const { task } = bench.task({ node: uefi });
  task.learn(await boot.prepareRamdisk(task, 'deploy'));
  assert.equal(bench.offers.get(mac)?.uefiHttpUrl, 'http://10.0.0.1:8088/snponly.efi');
  assert.equal(bench.offers.get(mac)?.ipxeScriptUrl, 'http://10.0.0.1:8088/boot.ipxe');
  assert.deepEqual(bench.bootDevices, [['uefihttp', false]]);
  assert.ok(await exists(join(bench.directory, 'httpboot/pxelinux.cfg/52-54-00-12-34-56')));
  await boot.prepareInstance(task);
  assert.deepEqual(bench.bootDevices.at(-1), ['disk', true]);
  assert.equal(bench.offers.size, 0);
});

test('UEFI HTTP boot is refused for BIOS, and for BMCs that can not be told to', async (t) => {
  const bench = await setUp(t);
  const boot = ipxeBoot(bench.environment, 'http-ipxe');
  await assert.rejects(boot.validate(bench.task().task), /http-ipxe is for UEFI, and node .* "bios"/);
  const old = await setUp(t, [], ['pxe', 'disk']);
  const refused = ipxeBoot(old.environment, 'http-ipxe');
  await assert.rejects(
    refused.validate(old.task({ node: uefi }).task),
    /needs the boot device uefihttp.*has pxe, disk/,
  );
  const free = await setUp(t, [], []);
  await ipxeBoot(free.environment, 'http-ipxe').validate(free.task({ node: uefi }).task);
});

test('a fallback script starts the disk of machines that boot from the network whatever they are told', async (t) => {
  const bench = await setUp(t, ['pxe.enable_netboot_fallback=true']);
  const boot = ipxeBoot(bench.environment);
  const { task } = bench.task();
  await boot.prepareInstance(task);
  const script = join(bench.directory, 'httpboot/pxelinux.cfg/52-54-00-12-34-56');
  assert.match(await readFile(script, 'utf8'), /sanboot.*0x80/);
  assert.equal(bench.offers.size, 1);
  await boot.cleanUpInstance(task);
  assert.equal(bench.offers.size, 0);
  assert.equal(await exists(script), false);
});

test('force_persistent_boot_device decides about every change', async (t) => {
  for (const [rule, expected] of [
    [
      'Always',
      [
        ['pxe', true],
        ['disk', true],
      ],
    ],
    [
      'Never',
      [
        ['pxe', false],
        ['disk', false],
      ],
    ],
    [
      'Default',
      [
        ['pxe', false],
        ['disk', true],
      ],
    ],
  ] as const) {
    const bench = await setUp(t);
    const boot = ipxeBoot(bench.environment);
    const { task } = bench.task({ node: { driver_info: { force_persistent_boot_device: rule } } });
    await boot.prepareRamdisk(task, 'deploy');
    await boot.prepareInstance(task);
    assert.deepEqual(
      bench.bootDevices,
      expected.map((each) => [...each]),
      rule,
    );
  }
});

test('what can not boot is refused with what to do', async (t) => {
  const bench = await setUp(t);
  const boot = ipxeBoot(bench.environment);
  const refused = async (options: Parameters<Bench['task']>[0], expected: RegExp) =>
    assert.rejects(boot.validate(bench.task(options).task), expected);
  await refused({ ports: [] }, /no port that boots from the network/);
  await refused({ set: ['conductor.deploy_kernel='] }, /no agent ramdisk.*wrought ramdisk build/);
  await refused({ node: { driver_info: { deploy_kernel: 'http://a/k' } } }, /no driver_info\/deploy_ramdisk/);
  const outside = { deploy_kernel: 'file:///etc/passwd', deploy_ramdisk: 'file:///etc/passwd' };
  await refused({ node: { driver_info: outside } }, /deploy_kernel.*is not allowed/);
  await refused(
    { node: { driver_info: { force_persistent_boot_device: 'maybe' } } },
    /"maybe".*Always, Never, Default/,
  );
  await refused({ node: { instance_info: { kernel_append_params: 'a\nb' } } }, /must be one line/);
  await refused({ set: ['api.public_endpoint='] }, /api\.ramdisk_listen or api\.public_endpoint/);
  await refused({ set: ['deploy.http_url='] }, /deploy\.http_listen or deploy\.http_url/);
});

test('rescue boots a ramdisk of its own where one is named, and the one that deploys where none is', async (t) => {
  const bench = await setUp(t);
  const boot = ipxeBoot(bench.environment);
  const images = join(bench.directory, 'images');
  await writeFile(join(images, 'rescue-kernel'), 'the rescue kernel');
  await writeFile(join(images, 'rescue-ramdisk'), 'the rescue ramdisk');
  const file = (name: string) => `file://${join(images, name)}`;
  const booted = async (options: Parameters<Bench['task']>[0]) => {
    const { task } = bench.task(options);
    await boot.validateRescue?.(task);
    await boot.prepareRamdisk(task, 'rescue');
    return readFile(join(bench.environment.bootFiles.rootFolder('http'), task.node.uuid, 'deploy_ramdisk'), 'utf8');
  };
  const own = { rescue_kernel: file('rescue-kernel'), rescue_ramdisk: file('rescue-ramdisk') };
  const configured = [`conductor.rescue_kernel=${own.rescue_kernel}`, `conductor.rescue_ramdisk=${own.rescue_ramdisk}`];
  const byArch = [
    `conductor.rescue_kernel_by_arch={"x86_64": "${own.rescue_kernel}"}`,
    `conductor.rescue_ramdisk_by_arch={"x86_64": "${own.rescue_ramdisk}"}`,
  ];
  assert.equal(await booted({}), 'the ramdisk');
  assert.equal(await booted({ node: { driver_info: own } }), 'the rescue ramdisk');
  assert.equal(await booted({ set: configured }), 'the rescue ramdisk');
  assert.equal(await booted({ set: byArch }), 'the rescue ramdisk');
  const refused = async (options: Parameters<Bench['task']>[0], expected: RegExp) =>
    assert.rejects(async () => boot.validateRescue?.(bench.task(options).task), expected);
  await refused({ node: { driver_info: { rescue_kernel: 'http://a/k' } } }, /no driver_info\/rescue_ramdisk/);
  await refused({ set: configured.slice(0, 1) }, /no conductor\.rescue_ramdisk/);
  await refused(
    { set: ['conductor.deploy_kernel='] },
    /no agent ramdisk.*rescue_kernel and rescue_ramdisk.*deploy_kernel/,
  );
});

test('the boot mode follows the instance, then the node, then the default', () => {
  const config = loadConfig();
  const mode = (fields: Parameters<typeof testNode>[0]) => bootModeOf(testNode(fields), config);
  assert.equal(mode({}), 'uefi');
  assert.equal(mode({ properties: { capabilities: 'a:b, boot_mode:bios' } }), 'bios');
  assert.equal(mode({ instance_info: { capabilities: '{"boot_mode": "bios"}' } }), 'bios');
  assert.equal(mode({ instance_info: { deploy_boot_mode: 'bios' } }), 'bios');
  assert.equal(mode({ driver_internal_info: { deploy_boot_mode: 'bios' } }), 'bios');
  assert.equal(mode({ instance_info: { capabilities: { secure_boot: 'true', boot_mode: 'bios' } } }), 'uefi');
  const clash = testNode({
    properties: { capabilities: 'boot_mode:bios' },
    instance_info: { capabilities: { secure_boot: 'true' } },
  });
  assert.throws(() => checkBootMode(clash, config), /"bios".*"uefi" \(because it asks for secure boot\)/);
  for (const [capabilities, expected] of [
    [{ boot_mode: 'efi' }, /boot_mode "efi"; allowed: bios, uefi/],
    [{ disk_label: 'x' }, /disk_label "x"; allowed: msdos, gpt/],
    ['[]', /must be an object/],
    ['{', /must be an object/],
  ] as const) {
    assert.throws(() => checkCapabilities(testNode({ instance_info: { capabilities } })), expected);
  }
});

test('addresses that machines are told', () => {
  const config = (...set: string[]) => loadConfig({ set });
  assert.equal(bootUrl(config('deploy.http_listen=10.0.0.1:8088')), 'http://10.0.0.1:8088');
  assert.equal(bootUrl(config('deploy.http_url=http://boot.example.org/x/')), 'http://boot.example.org/x');
  assert.equal(agentApiUrl(config('api.ramdisk_listen=10.0.0.1:6386')), 'http://10.0.0.1:6386');
  assert.equal(agentApiUrl(config('api.public_endpoint=https://api.example.org/v1/')), 'https://api.example.org');
  assert.equal(agentApiUrl(config('api.ramdisk_listen=[fd00::1]:6386')), 'http://[fd00::1]:6386');
});

test('what machines fetch is told by their MAC, from the script on', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-boot-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig({ dataDirectory: directory, set: ['deploy.http_listen=127.0.0.1:0'] });
  const messages: string[] = [];
  const services = await createBootServices({
    config: () => config,
    log: { ...silentLog, info: (fields) => void messages.push(JSON.stringify(fields)) },
  });
  const told: [unknown, Evidence][] = [];
  services.onEvidence((machine, evidence) => void told.push([machine, evidence]));
  await services.start();
  t.after(() => services.stop());
  const address = /"address":"([^"]+)"/.exec(messages.join('\n'))?.[1];
  await services.environment.bootFiles.write('http', 'pxelinux.cfg/52-54-00-12-34-56', 'script');
  for (const path of ['boot.ipxe', 'pxelinux.cfg/52-54-00-12-34-56', 'boot.ipxe', 'none']) {
    await (await fetch(`http://${address}/${path}`)).text();
  }
  assert.deepEqual(
    told.map(([each, { kind, severity, message }]) => [each, kind, severity, message]),
    [
      [{ address: mac }, 'http', 'info', 'HTTP: 127.0.0.1 fetched pxelinux.cfg/52-54-00-12-34-56.'],
      [{ address: mac }, 'http', 'info', 'HTTP: 127.0.0.1 fetched boot.ipxe.'],
      [{ address: mac }, 'http', 'warning', 'HTTP: 127.0.0.1 was answered 404 for none.'],
    ],
  );
});

test('flat: VIFs are bound to the best free port', async () => {
  const [first, second] = [
    testPort('52:54:00:00:00:01', { pxe_enabled: false }),
    testPort('52:54:00:00:00:02', { id: 2 }),
  ];
  const bound = testPort('52:54:00:00:00:03', { id: 3, internal_info: { tenant_vif_port_id: 'used' } });
  const { task } = testTask({ ports: [first, second, bound] });
  const flat = flatNetwork(createCloud(task.config));
  assert.deepEqual(await flat.attachVif(task, { id: 'v' }), {
    ports: [{ uuid: second.uuid, internal_info: { tenant_vif_port_id: 'v' } }],
  });
  assert.deepEqual(await flat.attachVif(task, { id: 'v', port_uuid: first.uuid }), {
    ports: [{ uuid: first.uuid, internal_info: { tenant_vif_port_id: 'v' } }],
  });
  await assert.rejects(flat.attachVif(task, { id: 'v', port_uuid: bound.uuid }), /not a free port/);
  await assert.rejects(flat.attachVif(task, { id: 'used' }), /already attached to port/);
  assert.deepEqual(await flat.listVifs(task), [{ id: 'used' }]);
  assert.deepEqual(await flat.detachVif(task, 'used'), {
    ports: [{ uuid: bound.uuid, internal_info: { tenant_vif_port_id: null } }],
  });
  await assert.rejects(flat.detachVif(task, 'v'), /VIF v is not attached/);
  assert.deepEqual(await noopNetwork.attachVif(task, { id: 'v' }), {});
  assert.deepEqual(await noopNetwork.detachVif(task, 'v'), {});
  assert.deepEqual(await noopNetwork.listVifs(task), []);
});
