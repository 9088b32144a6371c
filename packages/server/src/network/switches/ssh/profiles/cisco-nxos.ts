// Cisco NX-OS: Nexus switches.
import type { SwitchProfile } from '../profile.ts';
import { ciscoIos, switchportTrunk } from './cisco-ios.ts';

export const ciscoNxos: SwitchProfile = {
  ...ciscoIos,
  name: 'cisco-nxos',
  title: 'Cisco NX-OS',
  // Assumed: the words "command failed" and "cannot", and how a member shows "force".
  source: [
    'Cisco Nexus 5600 Series NX-OS Layer 2 Command Reference: channel-group',
    'https://manualsdump.com/en/manuals/cisco_systems-n5kc5596tfa/120966/58',
    'https://github.com/ansible-collections/cisco.nxos',
    'https://github.com/annetutil/gnetcli',
    'https://github.com/ktbyers/netmiko',
    'https://github.com/openstack/networking-generic-switch',
  ],
  enable: null,
  confirm: null,
  refusals: [
    /^(% ?)?(invalid|incomplete|ambiguous|permission|error|configuration not allowed)/i,
    /^(command failed|cannot )/i,
  ],
  // An access port of VLAN 1 has no line for either.
  defaults: { mode: 'access', vlan: 1 },
  access: ['interface {port}', 'switchport', ...ciscoIos.access.slice(1)],
  trunk: ['interface {port}', 'switchport', ...switchportTrunk],
  save: ['copy running-config startup-config'],
  group: {
    name: 'port-channel{number}',
    member: '^channel-group (\\d+)(?: force)?(?: mode \\w+)?$',
    lacp: '^channel-group \\d+(?: force)? mode (active|passive)$',
    leave: ['interface {port}', 'no channel-group {formerNumber}'],
    lacpGroup: [],
    staticGroup: [],
    // Members get what the group has.
    lacpMember: ['interface {port}', 'channel-group {number} force mode active'],
    staticMember: ['interface {port}', 'channel-group {number} force mode on'],
    membersHaveVlans: false,
  },
};
