// The extension standby: writes images in the older way, and ends the machine's time in the ramdisk.
import { listDisks } from '../hardware/disks.ts';
import { pickRootDevice } from '../hardware/root-device.ts';
import { findEsp, readPartitionTable } from '../image/partition-table.ts';
import { writeImage } from '../image/write-image.ts';
import { optionalText, toImageInfo, toNode } from '../params.ts';
import { type AgentContext, asynchronous, type Extension, synchronous } from './extension.ts';

/** The answer to the command must leave the machine before the machine goes down. */
const POWER_CHANGE_DELAY_SECONDS = 1;

function changePower(agent: AgentContext, program: 'reboot' | 'poweroff'): void {
  setTimeout(() => {
    agent.log.info(`${program} now`);
    // The ramdisk has no services to end, and everything was flushed: the kernel does it at once.
    agent.run(program, ['-f']).catch((error) => agent.log.warning(`${program} failed: ${error}`));
  }, POWER_CHANGE_DELAY_SECONDS * 1000);
}

async function readUuid(agent: AgentContext, partition: string): Promise<string | null> {
  const args = ['--probe', '--match-tag', 'UUID', '--output', 'value', partition];
  const { stdout } = await agent.run('blkid', args, { okExitCodes: [0, 2, 8] });
  return stdout.trim() || null;
}

/** `standby.prepare_image`, `get_partition_uuids`, `run_image`, `power_off`, `sync`. */
export function standbyExtension(agent: AgentContext): Extension {
  const rootDisk = async () => pickRootDevice(toNode(agent.node), await listDisks(agent.run));
  return {
    name: 'standby',
    commands: {
      prepare_image: asynchronous(async (params, job) => {
        const image = toImageInfo(params.image_info);
        const disk = await rootDisk();
        const configDrive = optionalText(params, 'configdrive') ?? image.configdrive ?? null;
        await writeImage(agent, image, configDrive, disk, job.report);
        return { result: `prepare_image: image (${image.id}) written to device ${disk.name}` };
      }),
      get_partition_uuids: synchronous(async () => {
        const table = await readPartitionTable(agent.run, (await rootDisk()).name);
        const esp = table === null ? undefined : findEsp(table);
        // The root file system of a whole disk image is its own affair.
        return {
          'root uuid': null,
          'efi system partition uuid': esp === undefined ? null : await readUuid(agent, esp.path),
          'PReP Boot partition uuid': null,
        };
      }),
      run_image: asynchronous(async () => {
        await agent.run('sync', []);
        changePower(agent, 'reboot');
        return null;
      }),
      power_off: asynchronous(async () => {
        await agent.run('sync', []);
        changePower(agent, 'poweroff');
        return null;
      }),
      sync: synchronous(async () => {
        await agent.run('sync', []);
        return null;
      }),
    },
  };
}
