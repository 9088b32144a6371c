// Options of the fake interfaces: how long each pretends to work, and whether it fails.
import type { InterfaceType } from './drivers.ts';
import { type Delay, delay, type Option, text } from './option.ts';

function pretends(type: InterfaceType): Option<Delay> {
  return delay({
    default: { minimumSeconds: 0, maximumSeconds: 0 },
    reloadable: true,
    description: `How long each action of the fake ${type} interface takes.`,
  });
}

function fails(type: InterfaceType): Option<string | null> {
  return text({
    default: null,
    reloadable: true,
    description: `Each action of the fake ${type} interface fails with this text.`,
  });
}

export const fake = {
  bios_delay: pretends('bios'),
  boot_delay: pretends('boot'),
  console_delay: pretends('console'),
  deploy_delay: pretends('deploy'),
  firmware_delay: pretends('firmware'),
  inspect_delay: pretends('inspect'),
  management_delay: pretends('management'),
  network_delay: pretends('network'),
  power_delay: pretends('power'),
  raid_delay: pretends('raid'),
  rescue_delay: pretends('rescue'),
  storage_delay: pretends('storage'),
  vendor_delay: pretends('vendor'),
  bios_failure: fails('bios'),
  boot_failure: fails('boot'),
  console_failure: fails('console'),
  deploy_failure: fails('deploy'),
  firmware_failure: fails('firmware'),
  inspect_failure: fails('inspect'),
  management_failure: fails('management'),
  network_failure: fails('network'),
  power_failure: fails('power'),
  raid_failure: fails('raid'),
  rescue_failure: fails('rescue'),
  storage_failure: fails('storage'),
  vendor_failure: fails('vendor'),
} as const;
