// power, chassis and bootdev: the machine's power, its identify light, and what it boots next.
import {
  type BootDevice,
  bootFlags,
  type ChassisControl,
  chassisControl,
  chassisIdentify,
  getChassisStatus,
  getSystemBootOption,
  requestBoot,
  setPowerRestorePolicy,
} from '@wrought/ipmi';
import { Argument, type Command } from 'commander';
import type { Bmc } from './bmc.ts';
import { parseByte } from './numbers.ts';
import { showFields } from './show.ts';

const controls: Readonly<Record<string, { readonly control: ChassisControl; readonly description: string }>> = {
  on: { control: 'power up', description: 'switch the machine on' },
  off: { control: 'power down', description: 'take the power away at once' },
  soft: { control: 'soft shutdown', description: 'ask the operating system to shut down' },
  cycle: { control: 'power cycle', description: 'switch off and on again' },
  reset: { control: 'hard reset', description: 'reset the machine without taking the power away' },
  diag: { control: 'pulse diagnostic interrupt', description: 'send the diagnostic interrupt (NMI)' },
};

const bootDeviceNames = {
  none: 'no override',
  pxe: 'PXE',
  disk: 'hard drive',
  safe: 'hard drive, safe mode',
  diag: 'diagnostic partition',
  cdrom: 'CD/DVD',
  bios: 'BIOS setup',
  floppy: 'floppy or primary removable media',
  'remote-cdrom': 'remote CD/DVD',
  'remote-disk': 'remote hard drive',
  'remote-media': 'primary remote media',
} as const satisfies Readonly<Record<string, BootDevice>>;

const policies = { 'always-on': 'always on', 'always-off': 'always off', previous: 'previous' } as const;

/** @throws InvalidArgumentError */
function parseIdentify(text: string): number | 'on' | 'off' {
  return text === 'on' || text === 'off' ? text : parseByte(text);
}

export function defineChassis(commands: Command, bmc: Bmc): void {
  definePower(commands, bmc);
  const { context, inSession } = bmc;
  const chassis = commands.command('chassis').description('state of the machine, identify light, power restore policy');
  chassis
    .command('status')
    .description('power, faults, identify light, buttons')
    .action(() => inSession(async (session) => showFields(context, await getChassisStatus(session))));
  chassis
    .command('identify')
    .description('light the identify light')
    .argument('[how]', 'on, off, or seconds up to 255 (default: as long as the BMC likes)', parseIdentify)
    .action((how: number | 'on' | 'off' | undefined) =>
      inSession(async (session) => {
        await chassisIdentify(session, how === 'off' ? 0 : how);
        showFields(context, { identify: how ?? 'default time' });
      }),
    );
  chassis
    .command('policy')
    .description('what the machine does when its supply comes back; without a policy, which ones the BMC knows')
    .addArgument(new Argument('[policy]').choices(Object.keys(policies)))
    .action((policy: keyof typeof policies | undefined) =>
      inSession(async (session) => {
        const supported = await setPowerRestorePolicy(session, policy && policies[policy]);
        showFields(context, { ...(policy === undefined ? {} : { policy: policies[policy] }), supported });
      }),
    );
  defineBootDevice(commands, bmc);
}

function definePower(commands: Command, { context, inSession }: Bmc): void {
  const power = commands.command('power').description('the power of the machine');
  power
    .command('status')
    .description('whether the machine is on')
    .action(() =>
      inSession(async (session) =>
        showFields(context, { power: (await getChassisStatus(session)).powerOn ? 'on' : 'off' }),
      ),
    );
  for (const [verb, { control, description }] of Object.entries(controls)) {
    power
      .command(verb)
      .description(description)
      .action(() =>
        inSession(async (session) => {
          await chassisControl(session, control);
          // Accepted and not yet done: only the status tells when it is.
          showFields(context, { accepted: control });
        }),
      );
  }
}

function defineBootDevice(commands: Command, { context, inSession }: Bmc): void {
  const device = commands.command('bootdev').description('what the machine boots next');
  device
    .command('get')
    .description('the wish that is set; firmware ignores it unless it is valid')
    .action(() =>
      inSession(async (session) => {
        const { value } = await getSystemBootOption(session, bootFlags);
        showFields(context, value);
      }),
    );
  device
    .command('set')
    .description('wish for a device, which holds until the machine boots')
    .addArgument(new Argument('<device>').choices(Object.keys(bootDeviceNames)))
    .option('--persistent', 'for every boot from now on')
    .option('--uefi', 'boot by UEFI')
    .action((name: keyof typeof bootDeviceNames, options: { persistent?: true; uefi?: true }) =>
      inSession(async (session) => {
        const wish = {
          device: bootDeviceNames[name],
          persistent: options.persistent === true,
          efi: options.uefi === true,
        };
        await requestBoot(session, wish, { keepValid: { sixtySeconds: true } });
        showFields(context, wish);
      }),
    );
}
