// The extension image: makes a deployed disk bootable.
import { listDisks } from '../hardware/disks.ts';
import { pickRootDevice } from '../hardware/root-device.ts';
import { installBootEntry } from '../image/boot-entry.ts';
import { mendPartitionTable } from '../image/partition-table.ts';
import { toNode } from '../params.ts';
import { type AgentContext, asynchronous, type Extension } from './extension.ts';

/** `image.install_bootloader`: a whole disk image brings its own loader, so the firmware's boot entry is all. */
export function imageExtension(agent: AgentContext): Extension {
  return {
    name: 'image',
    commands: {
      install_bootloader: asynchronous(async () => {
        const disk = pickRootDevice(toNode(agent.node), await listDisks(agent.run));
        const table = await mendPartitionTable(agent.run, disk.name);
        await installBootEntry(agent.run, disk.name, table, agent.log, agent.systemRoot);
        return null;
      }),
    },
  };
}
