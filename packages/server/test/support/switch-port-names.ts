// Two ports of a switch of each kind, named as that kind names them.
import assert from 'node:assert/strict';

const names: Readonly<Record<string, readonly [string, string]>> = {
  'arista-eos': ['Ethernet1', 'Ethernet2'],
  'aruba-aoscx': ['1/1/1', '1/1/2'],
  'cisco-ios': ['GigabitEthernet1/0/1', 'GigabitEthernet1/0/2'],
  'cisco-nxos': ['Ethernet1/1', 'Ethernet1/2'],
  'cumulus-nvue': ['swp1', 'swp2'],
  'dell-os10': ['ethernet1/1/1', 'ethernet1/1/2'],
  'juniper-junos': ['ge-0/0/1', 'ge-0/0/2'],
};

/** The names for a profile or a model of that name. */
export function switchPortNames(profile: string): readonly [string, string] {
  return names[profile] ?? assert.fail(`there are no names of ports for "${profile}"`);
}
