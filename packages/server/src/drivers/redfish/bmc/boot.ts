// Boot device, boot mode and secure boot of a machine through its Redfish service.

import { registeredError } from '@wrought/contract';
import {
  type BootMode,
  type BootTarget,
  type Client,
  isPassing,
  RedfishError,
  ResponseError,
  readBoot,
  readSecureBoot,
  resetSecureBootKeys,
  retryWhilePassing,
  setBootMode,
  setBootOverride,
  setSecureBoot,
  UnsupportedError,
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

/** Member of driver_internal_info: the device of every boot, where the BMC keeps it for one boot only. */
const EVERY_BOOT = 'redfish_boot_device';
/** Statuses of BMCs that do not take a duration. */
const REFUSALS = [400, 405, 409, 500, 501];

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

function deviceOfEveryBoot({ node }: Pick<Task, 'node'>): RedfishBootDevice | null {
  return bootDevices.find((device) => device === node.driver_internal_info[EVERY_BOOT]) ?? null;
}

async function readDevice({ client, system, signal }: Bmc): Promise<BootDeviceSetting> {
  const { target, enabled } = await readBoot(client, await system(), { signal });
  const device = deviceOf(target);
  const isSet = device !== null && enabled !== 'Disabled';
  return isSet
    ? { boot_device: device, persistent: enabled === 'Continuous' }
    : { boot_device: null, persistent: null };
}

/** Whether a BMC may take the same for the next boot only. */
const mayTakeItOnce = (error: unknown): boolean =>
  error instanceof UnsupportedError ||
  (error instanceof ResponseError && REFUSALS.includes(error.status) && !isPassing(error));

/**
 * Sets the device; `httpBootUri` goes with "uefihttp". What is to last is set again before each power-on at BMCs that keep a
 * device for one boot only.
 * @throws InvalidParameterValue for a device that Redfish has not
 */
export async function setDevice(
  { client, system, signal }: Bmc,
  { node, learn }: Pick<Task, 'node' | 'learn'>,
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
  const set = async (enabled: 'Continuous' | 'Once') => {
    // Reading it tells the make, and that what the make calls its devices.
    const found = await system();
    const override = {
      target: targetOf(client, known),
      enabled,
      ...(known === 'uefihttp' ? { mode: 'UEFI' as const } : {}),
      ...(httpBootUri === undefined ? {} : { httpBootUri }),
    };
    return setBootOverride(client, found, override, { signal });
  };
  const setAsLongAsItGoes = async (): Promise<boolean> => {
    if (!persistent) {
      await set('Once');
      return true;
    }
    try {
      await set('Continuous');
      return !client.behaviour.forgetsContinuous;
    } catch (error) {
      if (!mayTakeItOnce(error)) throw error;
      await set('Once');
      return false;
    }
  };
  // There are BMCs that change nothing of the boot while the machine tests itself.
  const lasts = await retryWhilePassing(setAsLongAsItGoes, { signal });
  const remembered = lasts ? null : known;
  if (deviceOfEveryBoot({ node }) !== remembered) {
    learn({ driver_internal_info: { [EVERY_BOOT]: remembered } });
  }
}

/** Sets the device of every boot again, where the BMC has forgotten it; what goes wrong is recorded, and is no error. */
export async function repeatDevice(bmc: Bmc, task: Task): Promise<void> {
  const device = deviceOfEveryBoot(task);
  if (device === null) {
    return;
  }
  try {
    if ((await readDevice(bmc)).boot_device !== device) {
      await setDevice(bmc, task, device, true);
    }
  } catch (error) {
    if (!(error instanceof RedfishError)) throw error;
    task.record({
      kind: 'bmc',
      severity: 'warning',
      message: `The boot device "${device}" could not be set again before the power-on, so the machine boots as its firmware is set up: ${error.message}.`,
    });
  }
}

type BootPart = Pick<
  Required<ManagementInterface>,
  | 'setBootDevice'
  | 'getBootDevice'
  | 'leavesBootToSystem'
  | 'getBootMode'
  | 'setBootMode'
  | 'getSecureBoot'
  | 'setSecureBoot'
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
    async getBootDevice(task) {
      const setting = await perform(task, 'get boot device', readDevice);
      const lasting = deviceOfEveryBoot(task);
      const isLasting = lasting !== null && (setting.boot_device === null || setting.boot_device === lasting);
      return isLasting ? { boot_device: lasting, persistent: true } : setting;
    },
    leavesBootToSystem: (task) =>
      perform(task, 'look at habits', async ({ client, system }) => {
        // Reading it tells the make.
        await system();
        return !client.behaviour.bootDeviceAfterInstall;
      }),
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
          await retryWhilePassing(async () => setBootMode(client, await system(), wanted, { signal }), { signal });
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
          await retryWhilePassing(() => setSecureBoot(client, resource, isOn, { signal }), { signal });
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
