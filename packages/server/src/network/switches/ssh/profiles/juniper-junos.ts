// Juniper Junos with Enhanced Layer 2 Software: EX and QFX switches.
import type { SwitchProfile } from '../profile.ts';

const switching = 'interfaces {port} unit 0 family ethernet-switching';

export const juniperJunos: SwitchProfile = {
  name: 'juniper-junos',
  title: 'Juniper Junos (ELS)',
  source: [
    'Junos OS Ethernet Switching User Guide: interface-mode, native-vlan-id',
    'Junos OS Interfaces User Guide: 802.3ad, aggregated-ether-options',
  ],
  prompt: /^[\w.-]+@[\w.-]+[>#]$/,
  enable: null,
  refusals: [/^error:/i, /^(unknown command|syntax error|missing argument|invalid )/i],
  prepare: ['set cli screen-length 0', 'set cli screen-width 0'],
  show: 'show configuration interfaces {port} | display set',
  lines: {
    access: `^set ${switching} interface-mode access$`,
    trunk: `^set ${switching} interface-mode trunk$`,
    accessVlan: `^set ${switching} vlan members (\\d+)$`,
    nativeVlan: '^set interfaces {port} native-vlan-id (\\d+)$',
    tagged: `^set ${switching} vlan members (\\d+(?:-\\d+)?)$`,
  },
  defaults: { mode: null, vlan: null },
  begin: ['configure private'],
  access: [
    `delete ${switching}`,
    'delete interfaces {port} native-vlan-id',
    'set interfaces {port} description "{description}"',
    `set ${switching} interface-mode access`,
    `set ${switching} vlan members {native}`,
  ],
  trunk: [
    `delete ${switching}`,
    'set interfaces {port} description "{description}"',
    'set interfaces {port} native-vlan-id {native}',
    `set ${switching} interface-mode trunk`,
    `set ${switching} vlan members [ {allApart} ]`,
  ],
  end: ['commit and-quit'],
  abort: ['rollback 0', 'exit configuration-mode'],
  // What is committed is kept.
  save: [],
  group: {
    name: 'ae{number}',
    member: '^set interfaces {port} (?:gig)?ether-options 802\\.3ad ae(\\d+)$',
    lacp: '^set interfaces \\S+ aggregated-ether-options lacp (active|passive)$',
    leave: ['delete interfaces {port} ether-options 802.3ad'],
    lacpGroup: ['set interfaces {group} aggregated-ether-options lacp active'],
    staticGroup: ['delete interfaces {group} aggregated-ether-options lacp'],
    lacpMember: [
      `delete interfaces {port} unit 0`,
      'delete interfaces {port} native-vlan-id',
      'set interfaces {port} ether-options 802.3ad {group}',
    ],
    staticMember: [
      `delete interfaces {port} unit 0`,
      'delete interfaces {port} native-vlan-id',
      'set interfaces {port} ether-options 802.3ad {group}',
    ],
    membersHaveVlans: false,
  },
};
