// Boot media of machines: who can fetch them and how long, what is in them, and what becomes of them when conductors change.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Node } from '@wrought/contract';
import { createBootServices } from '../src/boot/services.ts';
import { loadConfig } from '../src/config/index.ts';
import type { BootInterface, Evidence, ManagementInterface, Task } from '../src/drivers/kit/index.ts';
import { bootMedium } from '../src/drivers/redfish/boot-media.ts';
import { mediumBoot } from '../src/drivers/redfish/medium-boot.ts';
import { silentLog } from './support/conductor.ts';
import { testTask } from './support/task.ts';

interface Options {
  readonly node?: Partial<Node>;
  readonly set?: readonly string[];
  readonly isVirtual?: boolean;
  readonly takeBack?: () => Promise<void>;
}

async function setUp(t: TestContext, { node = {}, set = [], isVirtual = true, takeBack }: Options = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-media-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'kernel'), 'the kernel');
  await writeFile(join(directory, 'ramdisk'), 'the initramfs');
  const config = loadConfig({
    dataDirectory: directory,
    set: [
      'deploy.http_listen=127.0.0.1:0',
      'deploy.http_url=http://10.0.0.1:8088/',
      'api.public_endpoint=http://10.0.0.1:6385',
      'dhcp.dhcp_provider=none',
      `conductor.file_url_allowed_paths=["${directory}"]`,
      `conductor.deploy_kernel=${directory}/kernel`,
      `conductor.deploy_ramdisk=${directory}/ramdisk`,
      ...set,
    ],
  });
  const lines: string[] = [];
  const services = await createBootServices({
    config: () => config,
    log: { ...silentLog, info: (fields) => void lines.push(JSON.stringify(fields)) },
  });
  const evidence: [unknown, Evidence][] = [];
  services.onEvidence((machine, each) => void evidence.push([machine, each]));
  await services.start();
  t.after(() => services.stop());
  const host = /"address":"([^"]+)"/.exec(lines.join('\n'))?.[1];

  const told: string[] = [];
  const boot: BootInterface = mediumBoot(services.environment, {
    name: 'noted',
    properties: {},
    isVirtual,
    check: async () => {},
    handOver: async (_task, url, removable) => void told.push(url, ...(removable === null ? [] : [removable])),
    takeBack: takeBack ?? (async () => void told.push('taken back')),
  });
  const management: ManagementInterface = {
    kind: 'management',
    name: 'noted',
    properties: {},
    validate: async () => {},
    supportedBootDevices: async () => [],
    setBootDevice: async (_task, device) => void told.push(device),
    getBootDevice: async () => ({ boot_device: null, persistent: null }),
  };
  const made = testTask({ node: { driver: 'redfish', ...node }, config, interfaces: [management] });
  const { task } = made;
  /** What a BMC gets from an URL that it was told. */
  const fetchIt = (url: string) => fetch(url.replace('http://10.0.0.1:8088', `http://${host}`));
  const files = () => readdir(join(directory, 'httpboot/media')).catch(() => []);
  return { directory, boot, told, task, made, evidence, fetchIt, files };
}

async function prepared(boot: BootInterface, task: Task, ...more: Parameters<BootInterface['prepareRamdisk']>[1][]) {
  task.learn(await boot.prepareRamdisk(task, more[0] ?? 'deploy'));
}

function contentOf(image: Uint8Array, directory: string, path: string): string {
  const target = join(directory, 'extracted');
  execFileSync('rm', ['-f', target]);
  const iso = join(directory, 'fetched.iso');
  execFileSync('sh', ['-c', `cat > ${iso}`], { input: image });
  execFileSync('xorriso', ['-osirrox', 'on', '-indev', iso, '-extract', path, target], { stdio: 'ignore' });
  return execFileSync('cat', [target]).toString();
}

test('a BMC fetches the medium under a secret name, with the token of the agent in it, and only while it is used', async (t) => {
  const { directory, boot, told, task, evidence, fetchIt, files } = await setUp(t);
  await prepared(boot, task);
  const [url = ''] = told;
  assert.match(url, new RegExp(`^http://10\\.0\\.0\\.1:8088/media/[\\w-]{32}/${task.node.uuid}\\.iso$`));
  const { agent_secret_token: token, agent_secret_token_pregenerated: isPregenerated } = task.node.driver_internal_info;
  assert.equal(isPregenerated, true);
  assert.match(String(token), /^[\w-]{43}$/);

  const answer = await fetchIt(url);
  assert.equal(answer.status, 200);
  const line = contentOf(new Uint8Array(await answer.arrayBuffer()), directory, '/wrought/node.cfg');
  assert.match(line, new RegExp(`'ipa-agent-token=${token}'`));
  assert.match(line, /'ipa-api-url=http:\/\/10\.0\.0\.1:6385' 'nofb' 'vga=normal'/);
  assert.match(line, new RegExp(`'boot_method=vmedia' 'ir_pub_id=${bootMedium(task.node)?.publisher}'`));

  // BMCs read in pieces: one of them is told, and never the secret.
  await (await fetchIt(url)).arrayBuffer();
  assert.deepEqual(
    evidence.map(([machine, { message }]) => [machine, message]),
    [[{ node: task.node.uuid }, `HTTP: 127.0.0.1 fetched the boot medium of node ${task.node.uuid}.`]],
  );

  task.learn(await boot.prepareInstance(task));
  assert.deepEqual(told.slice(1), ['taken back', 'disk']);
  assert.equal((await fetchIt(url)).status, 404);
  assert.deepEqual(await files(), []);
  assert.equal(bootMedium(task.node), null);
  const after = task.node.driver_internal_info;
  assert.equal(after.agent_secret_token, token, 'the agent may still be asked for something');
  assert.equal(after.agent_secret_token_pregenerated ?? null, null);
});

test('each preparation has a name and a token of its own, and leaves nothing of the one before', async (t) => {
  const { boot, told, task, fetchIt, files } = await setUp(t);
  await prepared(boot, task);
  const first = task.node.driver_internal_info.agent_secret_token;
  await prepared(boot, task, 'clean');
  assert.notEqual(task.node.driver_internal_info.agent_secret_token, first);
  assert.equal(told.length, 2);
  assert.equal((await fetchIt(told[0] ?? '')).status, 404);
  assert.equal((await fetchIt(told[1] ?? '')).status, 200);
  assert.equal((await files()).length, 1);
  task.learn((await boot.prepareRamdiskAgain?.(task)) ?? {});
  assert.equal(bootMedium(task.node)?.purpose, 'clean');
  assert.equal((await files()).length, 1);
});

test('the network data of a node are on its medium, twice: for our agent and for others', async (t) => {
  const network_data = { links: [], networks: [], services: [{ type: 'dns', address: '192.0.2.53' }] };
  const { directory, boot, told, task, fetchIt } = await setUp(t, { node: { network_data }, isVirtual: false });
  await prepared(boot, task);
  const image = new Uint8Array(await (await fetchIt(told[0] ?? '')).arrayBuffer());
  assert.deepEqual(JSON.parse(contentOf(image, directory, '/openstack/latest/network_data.json')), network_data);
  assert.match(
    contentOf(image, directory, '/wrought/node.cpio'),
    /etc\/wrought\/network_data\.json\0+.*192\.0\.2\.53/s,
  );
  assert.doesNotMatch(contentOf(image, directory, '/wrought/node.cfg'), /boot_method/);
});

test('a ready-made medium is handed on as it is, or served from here when it is a file', async (t) => {
  const ready = 'http://192.0.2.7/agent.iso';
  const elsewhere = await setUp(t, { node: { driver_info: { deploy_iso: ready } } });
  await prepared(elsewhere.boot, elsewhere.task);
  assert.deepEqual(elsewhere.told, [ready]);
  assert.equal(elsewhere.task.node.driver_internal_info.agent_secret_token, undefined, 'no token is in it');

  const here = await setUp(t);
  await writeFile(join(here.directory, 'agent.iso'), 'a medium');
  const task = testTask({
    node: { driver_info: { deploy_iso: `file://${here.directory}/agent.iso` } },
    config: here.task.config,
    interfaces: [here.task.interfaces.management],
  }).task;
  await prepared(here.boot, task);
  assert.equal(await (await here.fetchIt(here.told[0] ?? '')).text(), 'a medium');
});

test('a ready-made medium on a share is for BMCs, not for firmware that downloads', async (t) => {
  for (const deploy_iso of ['nfs://192.0.2.7/images/agent.iso', 'cifs://192.0.2.7/images/agent.iso']) {
    const { boot, told, task } = await setUp(t, { node: { driver_info: { deploy_iso } } });
    await boot.validate(task);
    await prepared(boot, task);
    assert.deepEqual(told, [deploy_iso]);
    const other = await setUp(t, { node: { driver_info: { deploy_iso } }, isVirtual: false });
    await assert.rejects(
      other.boot.validate(other.task),
      /driver_info\/deploy_iso .* allowed: http, https and file URLs/,
    );
  }
});

test('the parameters of the agent are on a floppy beside a ready-made medium, while that is used', async (t) => {
  const ready = 'http://192.0.2.7/agent.iso';
  for (const key of ['config_via_removable', 'config_via_floppy']) {
    const node = { driver_info: { deploy_iso: ready, [key]: 'true' } };
    const { directory, boot, told, task, fetchIt, files } = await setUp(t, { node });
    await boot.validate(task);
    await prepared(boot, task);
    const [url, removable = ''] = told;
    assert.equal(url, ready);
    assert.match(removable, new RegExp(`/media/[\\w-]{32}/${task.node.uuid}\\.img$`));
    const image = join(directory, 'fetched.img');
    await writeFile(image, new Uint8Array(await (await fetchIt(removable)).arrayBuffer()));
    const text = execFileSync('mtype', ['-i', image, '::parameters.txt']).toString();
    const token = task.node.driver_internal_info.agent_secret_token;
    assert.match(String(token), /^[\w-]{43}$/);
    assert.deepEqual(
      text.split('\n').filter((line) => /^ipa-(api-url|agent-token)=/.test(line)),
      ['ipa-api-url=http://10.0.0.1:6385', `ipa-agent-token=${token}`],
    );
    assert.match(execFileSync('minfo', ['-i', image, '::']).toString(), /disk label="ir-vfd-dev/i);
    assert.equal(await boot.local?.isHere(task), true);
    task.learn(await boot.prepareInstance(task));
    assert.equal((await fetchIt(removable)).status, 404);
    assert.deepEqual(await files(), []);
  }
});

test('firmware that downloads its medium has no drive for parameters, and gets none', async (t) => {
  const node = { driver_info: { config_via_removable: true } };
  const { boot, told, task } = await setUp(t, { node, isVirtual: false });
  await prepared(boot, task);
  assert.equal(told.length, 1);
});

test('a BMC that can not be asked keeps an URL that leads nowhere, and the work goes on', async (t) => {
  const takeBack = async () => {
    throw new Error('The BMC is away.');
  };
  const { boot, told, task, made, fetchIt } = await setUp(t, { takeBack });
  await prepared(boot, task);
  task.learn(await boot.cleanUpRamdisk(task));
  assert.equal((await fetchIt(told[0] ?? '')).status, 404);
  assert.ok(
    made.evidence.some(({ severity, message }) => severity === 'warning' && message.includes('The BMC is away.')),
  );
});

test('another conductor writes the medium again: the same name and token, on its own machine', async (t) => {
  const first = await setUp(t);
  await prepared(first.boot, first.task);
  const medium = bootMedium(first.task.node);
  const second = await setUp(t, { node: first.task.node, set: ['conductor.host=other'] });
  assert.equal(second.boot.local?.holder(second.task.node), medium?.conductor);
  assert.equal(await second.boot.local?.isHere(second.task), false);
  second.task.learn((await second.boot.local?.restore(second.task)) ?? {});
  assert.deepEqual(bootMedium(second.task.node), { ...medium, conductor: 'other' });
  assert.equal(await second.boot.local?.isHere(second.task), true);
  const image = await readFile(join(second.directory, 'httpboot', medium?.secret_name ?? ''));
  assert.ok(image.includes(String(first.task.node.driver_internal_info.agent_secret_token)));
  assert.deepEqual(second.told, [], 'the BMC is not asked');
});

test('what a machine can not be booted with is refused with the key, the value and the remedy', async (t) => {
  const { boot, task: good } = await setUp(t);
  await boot.validate(good);
  const refused = async (node: Partial<Node>, words: RegExp) => {
    const { task } = testTask({ node, config: good.config, interfaces: [good.interfaces.management] });
    await assert.rejects(boot.validate(task), words);
  };
  await refused(
    { driver_info: { deploy_iso: 'glance://x' } },
    /driver_info\/deploy_iso of node .* "glance:\/\/x" names a service/,
  );
  await refused(
    { driver_info: { external_http_url: 'ftp://x' } },
    /external_http_url .* is "ftp:\/\/x"; allowed: an http or https URL/,
  );
  await refused({ driver_info: { config_via_removable: 'perhaps' } }, /config_via_removable .* is "perhaps"/);
  await refused({ driver_info: { kernel_append_params: 'a\nb' } }, /must be one line of text/);
  await refused({ driver_info: { deploy_kernel: 'http://192.0.2.7/kernel' } }, /no driver_info\/deploy_ramdisk/);
  await refused(
    { driver_info: { bootloader: '/no/such/esp.img' } },
    /driver_info\/bootloader of node .* does not exist on this server/,
  );
  await access(good.config.deploy.http_root);
});
