// Dell SmartFabric OS10.
import { type SwitchProfile, sectionPrompt } from '../profile.ts';

export const dellOs10: SwitchProfile = {
  name: 'dell-os10',
  title: 'Dell SmartFabric OS10',
  // Assumed: the name of a port without a space in "show", quotes around a description, "write memory" without a question, that a member
  // shows "channel-group N mode M", and that one that was given "no switchport" takes "switchport mode" again.
  source: [
    'https://www.manualowl.com/m/Dell/PowerSwitch-S4128F-ON/Manual/591966?page=414',
    'https://github.com/ansible-collections/dellemc.os10',
    'https://github.com/Cray-HPE/docs-csm (operations/network/management_network/dell/lag.md)',
    'https://github.com/ktbyers/netmiko',
    'https://github.com/openstack/networking-generic-switch',
  ],
  prompt: sectionPrompt,
  enable: null,
  confirm: null,
  refusals: [/^% ?error/i, /^% ?(invalid|incomplete|ambiguous|unrecognized)/i, /^syntax error/i],
  prepare: ['terminal length 0'],
  show: 'show running-configuration interface {port}',
  lines: {
    access: '^switchport mode access$',
    trunk: '^switchport mode trunk$',
    accessVlan: '^switchport access vlan (\\d+)$',
    // The untagged VLAN of a trunk is its access VLAN.
    nativeVlan: '^switchport access vlan (\\d+)$',
    tagged: '^switchport trunk allowed vlan ([\\d,-]+)$',
    routed: '^no switchport$',
  },
  defaults: { mode: 'access', vlan: 1 },
  begin: ['configure terminal'],
  access: [
    'interface {port}',
    'description "{description}"',
    'no switchport trunk allowed vlan {surplus}',
    'switchport mode access',
    'switchport access vlan {native}',
  ],
  trunk: [
    'interface {port}',
    'description "{description}"',
    'switchport mode trunk',
    'switchport access vlan {native}',
    'no switchport trunk allowed vlan {surplus}',
    'switchport trunk allowed vlan {tagged}',
  ],
  end: ['end'],
  abort: ['end'],
  save: ['write memory'],
  group: {
    name: 'port-channel{number}',
    member: '^channel-group (\\d+)(?: mode \\w+)?$',
    lacp: '^channel-group \\d+ mode (active|passive)$',
    leave: ['interface {port}', 'no channel-group'],
    lacpGroup: ['interface {group}', 'no shutdown'],
    staticGroup: ['interface {group}', 'no shutdown'],
    lacpMember: ['interface {port}', 'channel-group {number} mode active'],
    staticMember: ['interface {port}', 'channel-group {number} mode on'],
    membersHaveVlans: false,
  },
};
