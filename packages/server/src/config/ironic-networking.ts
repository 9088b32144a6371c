// Options of the network interface ironic-networking: which VLANs machines are on in each phase, and where the switches are named.
import { integer, path, text, textList } from './option.ts';

const networkOf = (what: string) =>
  text({
    default: null,
    reloadable: true,
    description: `Network of ${what}, as "access/native_vlan=100", for nodes whose driver_info names none. Unset: what extra/switchport of a port says.`,
  });

export const ironicNetworking = {
  switch_config_file: path({
    default: null,
    description:
      'TOML file with the switches, a table each; docs/guide/switches.md has its keys. It is read anew each time.',
  }),
  cleaning_network: networkOf('cleaning'),
  provisioning_network: networkOf('deployment'),
  rescuing_network: networkOf('rescue'),
  inspection_network: networkOf('inspection'),
  servicing_network: networkOf('servicing'),
  idle_network: text({
    default: null,
    reloadable: true,
    description:
      'Network of ports that no phase and no tenant uses, as "access/native_vlan=4000". Unset: the default VLAN of the switch.',
  }),
  allowed_vlans: textList({
    default: [],
    reloadable: true,
    description:
      'VLANs that ports may be put on, such as ["100", "200-210"], where the switch names none of its own. Empty: all.',
  }),
  switch_timeout: integer({
    default: 30,
    minimum: 1,
    maximum: 600,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest time that a switch gets to take a connection, and for one answer.',
  }),
  repair_interval: integer({
    default: 300,
    minimum: 0,
    maximum: 86_400,
    unit: 'seconds',
    description:
      'Pause between two looks whether ports of switches are as they should be, which mend what is not. 0: never.',
  }),
} as const;
