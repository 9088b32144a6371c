// Cisco NX-OS: Nexus switches.
import type { SwitchProfile } from '../profile.ts';
import { ciscoIos } from './cisco-ios.ts';

export const ciscoNxos: SwitchProfile = {
  ...ciscoIos,
  name: 'cisco-nxos',
  title: 'Cisco NX-OS',
  source: [
    'Cisco Nexus 9000 Series NX-OS Interfaces Configuration Guide: Configuring Layer 2 Interfaces, Configuring Port Channels',
  ],
  enable: null,
  refusals: [/^% ?(invalid|incomplete|ambiguous|permission|error)/i, /^error:/i, /^command failed/i],
  // An access port of VLAN 1 has no line for either.
  defaults: { mode: 'access', vlan: 1 },
  access: ['interface {port}', 'switchport', ...ciscoIos.access.slice(1)],
  trunk: ['interface {port}', 'switchport', ...ciscoIos.trunk.slice(1)],
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
