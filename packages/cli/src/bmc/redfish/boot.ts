// boot: what the machine boots next, and by which firmware.
import {
  type BootMode,
  type BootTarget,
  type Client,
  readBoot,
  retryWhilePassing,
  setBootMode,
  setBootOverride,
} from '@wrought/redfish';
import { Argument, type Command, Option } from 'commander';
import { showFields } from '../show.ts';
import type { Service } from './service.ts';

const targets = {
  none: 'None',
  pxe: 'Pxe',
  disk: 'Hdd',
  cdrom: 'Cd',
  usb: 'Usb',
  floppy: 'Floppy',
  bios: 'BiosSetup',
  diag: 'Diags',
  uefihttp: 'UefiHttp',
  uefishell: 'UefiShell',
} as const satisfies Readonly<Record<string, BootTarget>>;
type Device = keyof typeof targets;

const modes = { uefi: 'UEFI', bios: 'Legacy' } as const satisfies Readonly<Record<string, BootMode>>;
type Mode = keyof typeof modes;

/** Names of the command line for what the BMC says. */
const nameIn = (table: Readonly<Record<string, string>>, value: string | undefined) =>
  Object.keys(table).find((name) => table[name] === value) ?? value;

const deviceOf = (target: string | undefined) => (target === 'UsbCd' ? 'cdrom' : nameIn(targets, target));

/** The virtual drive has a name of its own on some BMCs. */
const targetOf = (client: Client, device: Device): BootTarget =>
  device === 'cdrom' ? client.behaviour.virtualCd : targets[device];

interface DeviceOptions {
  readonly persistent?: true;
  readonly mode?: Mode;
  readonly uri?: string;
}

export function defineBoot(commands: Command, service: Service): void {
  const boot = commands.command('boot').description('what the machine boots next, and by which firmware');
  defineDevice(boot, service);
  defineMode(boot, service);
}

function defineDevice(boot: Command, { context, withSystem, toChange, misused }: Service): void {
  const device = boot.command('device').description('the device that is wished for');
  device
    .command('show')
    .description('the wish that is set, and which ones the BMC takes')
    .action(() =>
      withSystem(async (client, system) => {
        const { target, enabled, mode, httpBootUri, order, allowedTargets } = await readBoot(client, system);
        showFields(context, {
          device: enabled === 'Disabled' ? 'none' : deviceOf(target),
          persistent: enabled === 'Continuous',
          mode: nameIn(modes, mode),
          uri: httpBootUri,
          order,
          allowed: allowedTargets?.map(deviceOf),
        });
      }),
    );
  device
    .command('set')
    .description('wish for a device at the next boot; "none" takes the wish back')
    .addArgument(new Argument('<device>').choices(Object.keys(targets)))
    .option('--persistent', 'for every boot from now on')
    .addOption(new Option('--mode <mode>', 'by which firmware').choices(Object.keys(modes)))
    .option('--uri <url>', 'what uefihttp boots; without it, what DHCP says')
    .action((name: Device, { persistent, mode, uri }: DeviceOptions) => {
      if (uri !== undefined && name !== 'uefihttp') misused(`--uri goes with uefihttp, not with ${name}`);
      return toChange(async (client, system) => {
        const wish = {
          target: targetOf(client, name),
          enabled: name === 'none' ? 'Disabled' : persistent ? 'Continuous' : 'Once',
          ...(mode === undefined ? {} : { mode: modes[mode] }),
          ...(uri === undefined ? {} : { httpBootUri: uri }),
        } as const;
        await retryWhilePassing(() => setBootOverride(client, system, wish));
        showFields(context, { device: name, persistent: persistent === true, mode, uri });
      });
    });
}

function defineMode(boot: Command, { context, withSystem, toChange }: Service): void {
  const mode = boot.command('mode').description('UEFI or the older BIOS');
  mode
    .command('show')
    .description('the mode that is set, and which ones the BMC takes')
    .action(() =>
      withSystem(async (client, system) => {
        const { mode: now, allowedModes } = await readBoot(client, system);
        showFields(context, { mode: nameIn(modes, now), allowed: allowedModes?.map((each) => nameIn(modes, each)) });
      }),
    );
  mode
    .command('set')
    .description('set the mode; it holds from the next boot on')
    .addArgument(new Argument('<mode>').choices(Object.keys(modes)))
    .action((name: Mode) =>
      toChange(async (client, system) => {
        await retryWhilePassing(() => setBootMode(client, system, modes[name]));
        showFields(context, { mode: name });
      }),
    );
}
