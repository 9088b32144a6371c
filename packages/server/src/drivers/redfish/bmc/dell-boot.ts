// Booting from a virtual CD at iDRACs whose boot target of a CD means a drive of the machine: through a configuration import.
import { importDellConfiguration, retryWhilePassing } from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import { setDevice } from './boot.ts';
import type { Bmc } from './calls.ts';
import { managerOf } from './manager.ts';
import { insert } from './media.ts';

/** XML, because iDRACs of old take nothing else. */
const bootOnceFromVirtualCd = `<SystemConfiguration>
<Component FQDD="iDRAC.Embedded.1">
<Attribute Name="ServerBoot.1#BootOnce">Enabled</Attribute>
<Attribute Name="ServerBoot.1#FirstBootDevice">VCD-DVD</Attribute>
</Component>
</SystemConfiguration>`;

/** An import of two attributes of the iDRAC itself takes some ten seconds. */
const IMPORT_MILLISECONDS = 300_000;

/** Shows the machine a CD with the image of this URL. */
export async function insertDellCd(bmc: Bmc, image: string): Promise<void> {
  // Reading the system tells which iDRAC it is.
  await bmc.system();
  await insert(bmc, 'cdrom', image, { toBoot: true });
}

/** Makes the next boot one from the virtual CD. */
export async function setDellBootCd(bmc: Bmc, task: Task): Promise<void> {
  const { client, signal } = bmc;
  if (client.behaviour.bootsVirtualCd) {
    await setDevice(bmc, task, 'cdrom', false);
    return;
  }
  const manager = await managerOf(bmc);
  const isOnAfterwards = (await bmc.system()).text('PowerState') !== 'Off';
  const wish = { profile: bootOnceFromVirtualCd, shutdown: 'NoReboot', isOnAfterwards } as const;
  // While another job has the Lifecycle Controller, an import is refused.
  await retryWhilePassing(
    async () => {
      const answer = await importDellConfiguration(client, manager, wish, { signal });
      await client.task(answer, { signal, taskTimeoutMilliseconds: IMPORT_MILLISECONDS });
    },
    { signal },
  );
}
