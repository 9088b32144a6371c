// Options that say which hardware types and interfaces are loaded.
import { type Option, text, textList } from './option.ts';

/** The interface types a hardware type is composed of. */
export const interfaceTypes = [
  'bios',
  'boot',
  'console',
  'deploy',
  'firmware',
  'inspect',
  'management',
  'network',
  'power',
  'raid',
  'rescue',
  'storage',
  'vendor',
] as const;

export type InterfaceType = (typeof interfaceTypes)[number];

function enabled(type: InterfaceType): Option<readonly string[]> {
  return textList({
    default: [],
    description: `Enabled ${type} interfaces. Empty: every one that an enabled hardware type supports.`,
  });
}

function chosen(type: InterfaceType): Option<string | null> {
  return text({
    default: null,
    description: `The ${type} interface of nodes that name none. Unset: the first enabled one that the hardware type supports.`,
  });
}

export const drivers = {
  enabled: textList({
    default: ['ipmi', 'manual-management'],
    description: 'Hardware types that nodes may use ("driver" of a node), such as "ipmi" or "fake-hardware".',
  }),
  modules: textList({
    default: [],
    description:
      'JavaScript modules (package names or absolute paths) that add hardware types and interfaces; see the driver guide.',
  }),
  enabled_bios_interfaces: enabled('bios'),
  enabled_boot_interfaces: enabled('boot'),
  enabled_console_interfaces: enabled('console'),
  enabled_deploy_interfaces: enabled('deploy'),
  enabled_firmware_interfaces: enabled('firmware'),
  enabled_inspect_interfaces: enabled('inspect'),
  enabled_management_interfaces: enabled('management'),
  enabled_network_interfaces: enabled('network'),
  enabled_power_interfaces: enabled('power'),
  enabled_raid_interfaces: enabled('raid'),
  enabled_rescue_interfaces: enabled('rescue'),
  enabled_storage_interfaces: enabled('storage'),
  enabled_vendor_interfaces: enabled('vendor'),
  default_bios_interface: chosen('bios'),
  default_boot_interface: chosen('boot'),
  default_console_interface: chosen('console'),
  default_deploy_interface: chosen('deploy'),
  default_firmware_interface: chosen('firmware'),
  default_inspect_interface: chosen('inspect'),
  default_management_interface: chosen('management'),
  default_network_interface: chosen('network'),
  default_power_interface: chosen('power'),
  default_raid_interface: chosen('raid'),
  default_rescue_interface: chosen('rescue'),
  default_storage_interface: chosen('storage'),
  default_vendor_interface: chosen('vendor'),
} as const;
