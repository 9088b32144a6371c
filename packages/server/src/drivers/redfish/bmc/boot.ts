// Boot device, boot mode and secure boot of a machine through its Redfish service.

import { registeredError } from '@wrought/contract';
import {
  type BootMode,
  type BootTarget,
  type Client,
  readBoot,
  readSecureBoot,
  resetSecureBootKeys,
  retryWhilePassing,
  setBootMode,
  setBootOverride,
  setSecureBoot,
} from '@wrought/redfish';
import type { BootDeviceSetting, ManagementInterface, Task } from '../../kit/index.ts';
import { unsupported } from '../../kit/index.ts';
import { bootDevices, type RedfishBootDevice } from '../boot-devices.ts';
import type { SecureBootKeys } from '../secure-boot-keys.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

const targets: Readonly<Record<RedfishBootDevice, BootTarget>> = {
  pxe: 'Pxe',
  disk: 'Hdd',
  cdrom: 'Cd',
  bios: 'BiosSetup',
  uefihttp: 'UefiHttp',
};

const modes: Readonly<Record<BootMode, 'bios' | 'uefi'>> = { UEFI: 'uefi', Legacy: 'bios' };

function targetOf(client: Client, device: RedfishBootDevice): BootTarget {
  return device === 'cdrom' ? client.behaviour.virtualCd : targets[device];
}

function deviceOf(target: string | undefined): RedfishBootDevice | null {
  if (target === 'UsbCd') {
    return 'cdrom';
  }
  return bootDevices.find((device) => targets[device] === target) ?? null;
}

async function readDevice({ client, system, signal }: Bmc): Promise<BootDeviceSetting> {
  const { target, enabled } = await readBoot(client, await system(), { signal });
  const device = deviceOf(target);
  const isSet = device !== null && enabled !== 'Disabled';
  return isSet
    ? { boot_device: device, persistent: enabled === 'Continuous' }
    : { boot_device: null, persistent: null };
}

/**
 * Sets the device; `httpBootUri` goes with "uefihttp".
 * @throws InvalidParameterValue for a device that Redfish has not
 */
export async function setDevice(
  { client, system, signal }: Bmc,
  { node }: Pick<Task, 'node'>,
  device: string,
  persistent: boolean,
  httpBootUri?: string,
): Promise<void> {
  const known = bootDevices.find((each) => each === device);
  if (known === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `Invalid boot device "${device}" for node ${node.uuid}; redfish takes: ${bootDevices.join(', ')}.`,
    });
  }
  const set = async () => {
    // Reading it tells the make, and that what the make calls its devices.
    const found = await system();
    const override = {
      target: targetOf(client, known),
      enabled: persistent ? ('Continuous' as const) : ('Once' as const),
      ...(known === 'uefihttp' ? { mode: 'UEFI' as const } : {}),
      ...(httpBootUri === undefined ? {} : { httpBootUri }),
    };
    return setBootOverride(client, found, override, { signal });
  };
  // There are BMCs that change nothing of the boot while the machine tests itself.
  await retryWhilePassing(set, { signal });
}

type BootPart = Pick<
  Required<ManagementInterface>,
  'setBootDevice' | 'getBootDevice' | 'getBootMode' | 'setBootMode' | 'getSecureBoot' | 'setSecureBoot'
>;

/** The part of the management interface that is about booting. */
export function redfishBoot({ perform }: RedfishCalls): BootPart {
  return {
    async setBootDevice(task, device, persistent) {
      await perform(task, 'set boot device', (bmc) => setDevice(bmc, task, device, persistent));
      task.record({
        kind: 'bmc',
        message: `Boot device: ${device}, ${persistent ? 'for every boot' : 'for the next boot only'}.`,
        data: { boot_device: device, persistent },
      });
    },
    getBootDevice: (task) => perform(task, 'get boot device', readDevice),
    getBootMode: (task) =>
      perform(task, 'get boot mode', async ({ client, system, signal }) => {
        const { mode } = await readBoot(client, await system(), { signal });
        if (mode === undefined) {
          throw unsupported(task.node, task.interfaces.management, 'the boot mode: its BMC does not tell');
        }
        return modes[mode];
      }),
    setBootMode: (task, mode) =>
      perform(task, 'set boot mode', async ({ client, system, signal }) => {
        const found = await system();
        const wanted = mode === 'uefi' ? 'UEFI' : 'Legacy';
        // There are BMCs that only show it.
        if ((await readBoot(client, found, { signal })).mode !== wanted) {
          await setBootMode(client, found, wanted, { signal });
        }
      }),
    getSecureBoot: (task) =>
      perform(task, 'get secure boot', async ({ client, system, signal }) => {
        const { isEnabled, isActive } = await readSecureBoot(client, await system(), { signal });
        return isEnabled ?? isActive ?? false;
      }),
    setSecureBoot: (task, isOn) =>
      perform(task, 'set secure boot', async ({ client, system, signal }) => {
        const { resource, isEnabled } = await readSecureBoot(client, await system(), { signal });
        if (isEnabled !== isOn) {
          await setSecureBoot(client, resource, isOn, { signal });
        }
      }),
  };
}

/** The keys of secure boot. */
export function redfishKeys({ perform }: RedfishCalls): SecureBootKeys {
  return {
    async resetKeys(task, type) {
      await perform(task, 'reset secure boot keys', async ({ client, system, signal }) => {
        const { resource } = await readSecureBoot(client, await system(), { signal });
        await client.task(await resetSecureBootKeys(client, resource, type, { signal }), { signal });
      });
      const what = type === 'DeleteAllKeys' ? 'are deleted' : 'are those of the factory again';
      task.record({ kind: 'bmc', message: `The keys of secure boot ${what}.` });
    },
  };
}
