// Juniper Junos with Enhanced Layer 2 Software: EX and QFX switches.
import type { SwitchProfile } from '../profile.ts';

const switching = 'interfaces {port} unit 0 family ethernet-switching';

export const juniperJunos: SwitchProfile = {
  name: 'juniper-junos',
  title: 'Juniper Junos (ELS)',
  // Assumed: that the untagged VLAN is a member of a trunk as well, and that members have "ether-options" (some models: "gigether-options").
  source: [
    'https://juniper.net/documentation/us/en/software/junos/multicast-l2/topics/ref/statement/native-vlan-id-edit-interfaces-qfx-series.html',
    'https://juniper.net/documentation/en_US/junos12.3/topics/reference/command-summary/configure.html',
    'https://juniper.net/documentation/software/jseries/junos93/jseries-config-guide-basic/committing-a-configuration-and-exiting-configuration-mode.html',
    'https://www.juniper.net/documentation/us/en/software/junos/interfaces-ethernet-switches/topics/topic-map/switches-interface-aggregated.html',
    'https://www.networkcuriosity.com/junos-aggregated-ethernet-example/',
    'https://github.com/ansible-collections/junipernetworks.junos',
    'https://github.com/annetutil/gnetcli',
    'https://github.com/ktbyers/netmiko',
    'https://github.com/openstack/networking-generic-switch',
    'https://github.com/ytti/oxidized (lib/oxidized/model/junos.rb)',
  ],
  prompt: /^[\w.-]+@[\w.-]+[>#]$/,
  enable: null,
  confirm: null,
  refusals: [/^(configure exclusive )?error:/i, /^(unknown command|syntax error|missing argument|invalid )/i],
  prepare: ['set cli complete-on-space off', 'set cli screen-length 0', 'set cli screen-width 0'],
  show: 'show configuration interfaces {port} | display set',
  lines: {
    access: `^set ${switching} interface-mode access$`,
    trunk: `^set ${switching} interface-mode trunk$`,
    accessVlan: `^set ${switching} vlan members (\\d+)$`,
    nativeVlan: '^set interfaces {port} native-vlan-id (\\d+)$',
    tagged: `^set ${switching} vlan members (\\d+(?:-\\d+)?)$`,
    routed: null,
  },
  defaults: { mode: null, vlan: null },
  // What others have not committed stays theirs. A commit fails, and is told, while somebody has locked the configuration.
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
