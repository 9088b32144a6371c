// Cisco IOS and IOS XE: Catalyst switches.
import type { SwitchProfile } from '../profile.ts';

export const ciscoIos: SwitchProfile = {
  name: 'cisco-ios',
  title: 'Cisco IOS, IOS XE',
  source: [
    'Cisco IOS Interface and Hardware Component Command Reference: switchport, switchport trunk, channel-group',
    'Cisco IOS LAN Switching Command Reference',
  ],
  prompt: /^[\w.@-]+(\([\w.-]+\))?#$/,
  enable: { prompt: /^[\w.@-]+>$/, command: 'enable', question: /password:\s*$/i },
  // "% Access VLAN does not exist. Creating vlan 100" is no refusal.
  refusals: [/^% ?(invalid|incomplete|ambiguous|unrecognized|unknown|bad|error)/i, /^command rejected/i],
  prepare: ['terminal length 0', 'terminal width 0'],
  show: 'show running-config interface {port}',
  lines: {
    access: '^switchport mode access$',
    trunk: '^switchport mode trunk$',
    accessVlan: '^switchport access vlan (\\d+)$',
    nativeVlan: '^switchport trunk native vlan (\\d+)$',
    tagged: '^switchport trunk allowed vlan (?:add )?([\\d,-]+)$',
  },
  // Without a mode a port negotiates one.
  defaults: { mode: null, vlan: 1 },
  begin: ['configure terminal'],
  access: [
    'interface {port}',
    'description {description}',
    'switchport access vlan {native}',
    'switchport mode access',
    'no switchport trunk allowed vlan',
    'no switchport trunk native vlan',
  ],
  trunk: [
    'interface {port}',
    'description {description}',
    'switchport trunk native vlan {native}',
    'switchport trunk allowed vlan {all}',
    'switchport mode trunk',
  ],
  end: ['end'],
  abort: ['end'],
  save: ['write memory'],
  group: {
    name: 'Port-channel{number}',
    member: '^channel-group (\\d+) mode \\w+$',
    lacp: '^channel-group \\d+ mode (active|passive)$',
    leave: ['interface {port}', 'no channel-group {formerNumber}'],
    lacpGroup: [],
    staticGroup: [],
    lacpMember: ['interface {port}', 'channel-group {number} mode active'],
    staticMember: ['interface {port}', 'channel-group {number} mode on'],
    membersHaveVlans: true,
  },
};
