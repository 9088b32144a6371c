// The ramdisk in machines: booted by BIOS and UEFI, it cleans and deploys disks as a server tells it to.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { CommandResult, Inventory, JsonObject } from '@wrought/contract';
import { isCommandProgress, PARAMETERS_DRIVE } from '@wrought/contract';
import { parseSfdisk } from '../src/image/partition-table.ts';
import { run } from '../src/process.ts';
import { buildRamdisk, type Ramdisk } from '../src/ramdisk/index.ts';
import { type AgentClient, createAgentClient } from './support/agent-client.ts';
import { type FakeServer, sha256, startFakeServer, TOKEN } from './support/fake-server.ts';
import {
  agentParameters,
  createDisk,
  MACHINE_MAC,
  type Machine,
  type MachineOptions,
  missingForMachines,
  startMachine,
} from './support/machine.ts';
import { IMAGE_BYTES, makeOsImage } from './support/os-image.ts';

const CACHE = join(import.meta.dirname, '../../../.cache/ramdisk');
const GIB = 1024 ** 3;
/** A machine on a busy host; usually it takes 15 to 25 s. */
const BOOT_DEADLINE_SECONDS = 180;
const DISK_BYTES = 2 * GIB;

const missing = missingForMachines();
const skip = missing.length > 0 ? `install the Debian packages ${missing.join(', ')}` : false;

function errorText(result: CommandResult): string {
  return String(result.command_error);
}

async function partitionsOf(disk: string) {
  const { stdout, exitCode } = await run('sfdisk', ['--json', disk], { okExitCodes: [0, 1] });
  return exitCode === 0 ? parseSfdisk(stdout, disk) : null;
}

async function readPart(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path);
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, offset);
  await file.close();
  return buffer;
}

suite('the ramdisk', { skip }, () => {
  let directory: string;
  let ramdisk: Ramdisk;
  let image: Buffer;
  let qcow2: Buffer;
  let server: FakeServer;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ramdisk-boot-'));
    ramdisk = await buildRamdisk({ outputDirectory: directory, cacheDirectory: CACHE, log: () => undefined });
    image = await makeOsImage(directory);
    const qcow2Path = join(directory, 'os.qcow2');
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', join(directory, 'os.raw'), qcow2Path]);
    qcow2 = await readFile(qcow2Path);
    server = await startFakeServer();
    server.images.set('/os.raw', { content: image });
    server.images.set('/os.qcow2', { content: qcow2 });
  });

  after(async () => {
    await server?.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  const imageInfo = (path: string, content: Buffer, format: string): JsonObject => ({
    id: 'the-image',
    urls: [`http://10.0.2.2:${server.port}${path}`],
    disk_format: format,
    os_hash_algo: 'sha256',
    os_hash_value: sha256(content),
  });
  const node = (): JsonObject => ({ ...server.node });
  const writeImage = (agent: AgentClient, info: JsonObject, configdrive: string | null = null) =>
    agent.command('deploy.execute_deploy_step', {
      step: { step: 'write_image', interface: 'deploy', args: { image_info: info, configdrive } },
      node: node(),
      ports: [],
    });
  const cleanStep = (agent: AgentClient, step: string) =>
    agent.command('clean.execute_clean_step', { step: { step, interface: 'deploy' }, node: node(), ports: [] });

  async function unpackLog(logs: JsonObject | null, name: string): Promise<string> {
    const archive = join(directory, 'logs.tar.gz');
    await writeFile(archive, Buffer.from(String(logs?.system_logs), 'base64'));
    return (await run('tar', ['-xzOf', archive, name])).stdout;
  }

  async function boot(
    firmware: 'bios' | 'uefi',
    { disks, parametersDrive }: Pick<MachineOptions, 'disks' | 'parametersDrive'>,
  ) {
    const seen = server.heartbeats.length;
    const started = Date.now();
    const machine = await startMachine({
      ...{ directory, ramdisk, firmware, serverPort: server.port, disks },
      ...(parametersDrive === undefined ? {} : { parametersDrive }),
    });
    try {
      const heartbeat = await server.heartbeat(seen, BOOT_DEADLINE_SECONDS);
      const seconds = (Date.now() - started) / 1000;
      return { machine, heartbeat, seconds, agent: createAgentClient(heartbeat, machine.agentPort, TOKEN) };
    } catch (error) {
      const log = await machine.serialLog();
      await machine.stop();
      throw new Error(
        `${error instanceof Error ? error.message : error}; the serial log ends with:\n${log.slice(-3000)}`,
      );
    }
  }

  /** A floppy's image, as a server makes it for a ready-made medium. */
  async function makeParametersDrive(): Promise<string> {
    const drive = join(directory, 'parameters.img');
    const file = join(directory, PARAMETERS_DRIVE.file);
    await writeFile(file, `${agentParameters(server.port).join('\n')}\n`);
    await run('mformat', ['-C', '-i', drive, '-f', '1440', '-v', PARAMETERS_DRIVE.label, '::']);
    await run('mcopy', ['-i', drive, file, `::${PARAMETERS_DRIVE.file}`]);
    return drive;
  }

  suite('booted by BIOS', () => {
    let machine: Machine;
    let agent: AgentClient;
    let disk: string;

    before(async () => {
      disk = join(directory, 'bios.disk');
      await createDisk(disk, DISK_BYTES);
      await run('sgdisk', ['--new=1:1M:+100M', '--new=2:0:0', disk]);
      const booted = await boot('bios', { disks: [{ path: disk, bus: 'virtio', serial: 'scratch' }] });
      ({ machine, agent } = booted);
      process.stdout.write(
        `# BIOS: ${booted.seconds.toFixed(1)} s from power-on to first heartbeat, ramdisk ${ramdisk.bytes.total} bytes\n`,
      );
      assert.equal(booted.heartbeat.callback_url, 'https://10.0.2.15:9999');
    });
    after(() => machine?.stop());

    test('the machine is described', async () => {
      const { command_result: result } = await agent.command('poll.get_hardware_info');
      const inventory = result as Inventory;
      assert.deepEqual(
        inventory.disks.map(({ name, size, serial, rotational }) => ({ name, size, serial, rotational })),
        [{ name: '/dev/vda', size: DISK_BYTES, serial: 'scratch', rotational: true }],
      );
      assert.match(inventory.disks[0]?.by_path ?? '', /^\/dev\/disk\/by-path\/pci-/);
      assert.equal(inventory.interfaces[0]?.mac_address, MACHINE_MAC);
      assert.equal(inventory.interfaces[0]?.ipv4_address, '10.0.2.15');
      assert.equal(inventory.interfaces[0]?.driver, 'virtio_net');
      assert.match(inventory.interfaces[0]?.pci_address ?? '', /^0000:/);
      assert.equal(inventory.interfaces[0]?.has_carrier, true);
      assert.equal(inventory.memory.physical_mb, 2048);
      assert.equal(inventory.cpu.architecture, 'x86_64');
      assert.equal(inventory.cpu.count, 2);
      assert.equal(inventory.system_vendor.serial_number, 'SN-0001');
      assert.deepEqual(inventory.boot, { current_boot_mode: 'bios', pxe_interface: MACHINE_MAC });
    });

    test('clean steps are offered and metadata is erased', async () => {
      const { command_result: steps } = await agent.command('clean.get_clean_steps', { node: node(), ports: [] });
      assert.match(JSON.stringify(steps), /"step":"erase_devices_metadata","priority":99/);
      assert.notEqual(await partitionsOf(disk), null);
      const result = await cleanStep(agent, 'erase_devices_metadata');
      assert.equal(result.command_status, 'SUCCEEDED', errorText(result));
      assert.equal(await partitionsOf(disk), null);
    });

    test('a raw image is streamed, the GPT mended, the config drive added', async () => {
      const configDrive = randomBytes(300_000);
      const result = await writeImage(
        agent,
        imageInfo('/os.raw', image, 'raw'),
        gzipSync(configDrive).toString('base64'),
      );
      assert.equal(result.command_status, 'SUCCEEDED', errorText(result));
      // The image's own tables are at its ends; between them every byte is the image's.
      const inner = { start: 1024 * 1024, length: IMAGE_BYTES - 2 * 1024 * 1024 };
      const written = await readPart(disk, inner.start, inner.length);
      assert.ok(written.equals(image.subarray(inner.start, inner.start + inner.length)));
      await run('sgdisk', ['--verify', disk]);
      const table = await partitionsOf(disk);
      assert.deepEqual(
        table?.partitions.map((partition) => partition.number),
        [1, 2, 3],
      );
      const last = table?.partitions[2];
      assert.ok(last !== undefined && (last.startSector + last.sectors) * 512 > DISK_BYTES - 2 * 1024 * 1024);
      assert.ok((await readPart(disk, last.startSector * 512, configDrive.length)).equals(configDrive));
    });

    test('a qcow2 image is converted, and its progress can be followed', async () => {
      const started = await agent.start(
        'deploy.execute_deploy_step',
        {
          step: {
            step: 'write_image',
            interface: 'deploy',
            args: { image_info: imageInfo('/os.qcow2', qcow2, 'qcow2') },
          },
          node: node(),
          ports: [],
        },
        'write-1',
      );
      assert.equal(started.status, 200);
      const id = String(started.body.id);
      const again = await agent.start('deploy.execute_deploy_step', {}, 'write-1');
      assert.equal(again.body.id, id);
      const busy = await agent.start('standby.sync', {});
      assert.equal(busy.status, 409);
      assert.match(String(busy.body.faultstring), /agent is busy/i);
      let sawProgress = false;
      let result = await agent.get(id);
      while (result.command_status === 'RUNNING') {
        sawProgress ||= isCommandProgress(result.command_result);
        result = await agent.get(id);
      }
      assert.equal(result.command_status, 'SUCCEEDED', errorText(result));
      assert.ok(sawProgress);
      const inner = { start: 1024 * 1024, length: IMAGE_BYTES - 2 * 1024 * 1024 };
      const written = await readPart(disk, inner.start, inner.length);
      assert.ok(written.equals(image.subarray(inner.start, inner.start + inner.length)));
      await run('sgdisk', ['--verify', disk]);
    });

    test('a wrong checksum fails with both digests, and the disk does not boot', async () => {
      const wrong = sha256(Buffer.from('something else'));
      const result = await writeImage(agent, { ...imageInfo('/os.raw', image, 'raw'), os_hash_value: wrong });
      assert.equal(result.command_status, 'FAILED');
      for (const word of [wrong, sha256(image), '/os.raw', 'ImageChecksumError']) {
        assert.ok(errorText(result).includes(word), errorText(result));
      }
      assert.equal(await partitionsOf(disk), null);
    });

    test('an image larger than the disk fails with both sizes', async () => {
      server.images.set('/large.raw', { content: image, announcedBytes: 8 * GIB });
      const raw = await writeImage(agent, imageInfo('/large.raw', image, 'raw'));
      assert.equal(raw.command_status, 'FAILED');
      assert.ok(
        errorText(raw).includes(String(8 * GIB)) && errorText(raw).includes(String(DISK_BYTES)),
        errorText(raw),
      );
      const path = join(directory, 'large.qcow2');
      await run('qemu-img', ['create', '-f', 'qcow2', path, '100G']);
      const content = await readFile(path);
      server.images.set('/large.qcow2', { content });
      const large = await writeImage(agent, imageInfo('/large.qcow2', content, 'qcow2'));
      assert.ok(
        errorText(large).includes(String(100 * GIB)) && errorText(large).includes(String(DISK_BYTES)),
        errorText(large),
      );
    });

    test('an image with a backing file is refused before anything opens it', async () => {
      const path = join(directory, 'backed.qcow2');
      await run('qemu-img', ['create', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', '-u', path, '1G']);
      const content = await readFile(path);
      server.images.set('/backed.qcow2', { content });
      const result = await writeImage(agent, imageInfo('/backed.qcow2', content, 'qcow2'));
      assert.equal(result.command_status, 'FAILED');
      assert.match(errorText(result), /names a backing file/);
    });

    test('an image that is not there fails with URL and status', async () => {
      const result = await writeImage(agent, imageInfo('/absent.raw', image, 'raw'));
      assert.match(errorText(result), /absent\.raw was answered 404/);
    });

    test('the token is needed', async () => {
      assert.equal((await agent.request('GET', '/v1/commands/?agent_token=wrong')).status, 401);
      assert.equal((await agent.request('GET', '/v1/status')).status, 200);
    });

    test('the machine has its BMC at hand, and reboots when it is told to', async () => {
      const { command_result: logs } = await agent.command('log.collect_system_logs');
      assert.match(await unpackLog(logs, 'modules'), /^ipmi_si /m);
      assert.equal((await agent.command('standby.sync')).command_status, 'SUCCEEDED');
      assert.equal((await agent.command('standby.run_image')).command_status, 'SUCCEEDED');
      await machine.ended;
    });
  });

  suite('booted by UEFI, with parameters from a virtual drive', () => {
    let machine: Machine;
    let agent: AgentClient;
    let disk: string;
    let nvme: string;
    const small = 48 * 1024 * 1024;

    before(async () => {
      disk = join(directory, 'uefi.disk');
      nvme = join(directory, 'uefi.nvme');
      await createDisk(disk, DISK_BYTES);
      await createDisk(nvme, small);
      const file = await open(nvme, 'r+');
      await file.write(randomBytes(1024 * 1024), 0, 1024 * 1024, 8 * 1024 * 1024);
      await file.close();
      server.node.properties = { root_device: { serial: 's== BOOTDISK' } };
      const booted = await boot('uefi', {
        disks: [
          { path: disk, bus: 'ahci', serial: 'BOOTDISK' },
          { path: nvme, bus: 'nvme', serial: 'NVMEDISK' },
        ],
        parametersDrive: await makeParametersDrive(),
      });
      ({ machine, agent } = booted);
      process.stdout.write(`# UEFI: ${booted.seconds.toFixed(1)} s from power-on to first heartbeat\n`);
    });
    after(() => machine?.stop());

    test('the drive with parameters is no disk', async () => {
      const { command_result: result } = await agent.command('poll.get_hardware_info');
      const { disks, boot: how } = result as Inventory;
      assert.deepEqual(disks.map(({ serial }) => serial).sort(), ['BOOTDISK', 'NVMEDISK']);
      assert.equal(how.pxe_interface, MACHINE_MAC);
    });

    test('the image gets exactly one boot entry, and deploying again does not add another', async () => {
      const written = await writeImage(agent, imageInfo('/os.qcow2', qcow2, 'qcow2'));
      assert.equal(written.command_status, 'SUCCEEDED', errorText(written));
      const again = await agent.command('image.install_bootloader', { root_uuid: null, target_boot_mode: 'uefi' });
      assert.equal(again.command_status, 'SUCCEEDED', errorText(again));
      const { command_result: logs } = await agent.command('log.collect_system_logs');
      const stdout = await unpackLog(logs, 'efibootmgr');
      assert.equal(stdout.match(/Wrought instance/g)?.length, 1, stdout);
      assert.match(stdout, /File\(\\EFI\\BOOT\\BOOTX64\.EFI\)/);
    });

    test('disks are erased in their own way or by overwriting', async () => {
      server.node.properties = { skip_block_devices: [{ serial: 'BOOTDISK' }] };
      server.node.driver_internal_info = { agent_continue_if_secure_erase_failed: true };
      const result = await cleanStep(agent, 'erase_devices');
      assert.equal(result.command_status, 'SUCCEEDED', errorText(result));
      assert.ok((await readFile(nvme)).every((byte) => byte === 0));
      assert.notEqual(await partitionsOf(disk), null, 'a skipped disk keeps its content');
    });

    test('the power button is obeyed', async () => {
      await machine.pressPowerButton();
      await machine.ended;
      assert.match(await machine.serialLog(), /power button: powering off/);
    });
  });
});
