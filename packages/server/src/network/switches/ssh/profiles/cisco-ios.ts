// Cisco IOS and IOS XE: Catalyst switches.
import { type SwitchProfile, sectionPrompt } from '../profile.ts';

/** A port with tagged VLANs, in the words of IOS, NX-OS and EOS. */
export const switchportTrunk: readonly string[] = [
  'description {description}',
  'switchport trunk native vlan {native}',
  'switchport trunk allowed vlan {all}',
  'switchport trunk allowed vlan add {allMore}',
  'switchport mode trunk',
];

// Assumed: that "no switchport trunk allowed vlan" and "no switchport trunk native vlan" are taken where there is nothing to remove.
export const ciscoIos: SwitchProfile = {
  name: 'cisco-ios',
  title: 'Cisco IOS, IOS XE',
  source: [
    'https://www.manualslib.com/manual/1325558/Cisco-Catalyst-3650-Series.html?page=1077',
    'https://manualshive.com/en/manual/cisco/catalyst-3750-metro/67620?page=754',
    'https://notes.networklessons.com/switchport-trunk-encapsulation',
    'https://manualshive.com/en/manual/cisco/ie-3000/66845?page=745',
    'Catalyst 4500 Series Switch Cisco IOS Command Reference, IOS XE 3.3.0 XO: channel-group',
    'https://github.com/ansible-collections/cisco.ios',
    'https://github.com/ktbyers/netmiko',
    'https://github.com/openstack/networking-generic-switch',
  ],
  prompt: sectionPrompt,
  enable: { prompt: /^[\w.:/+@[\]-]+(\([^()]+\)){0,3}>$/, command: 'enable', question: /password:\s*$/i },
  // Before a configuration of another version of the system is overwritten.
  confirm: /\[confirm\]$/i,
  // "% Access VLAN does not exist. Creating vlan 100" is no refusal.
  refusals: [
    /^% ?(invalid|incomplete|ambiguous|unrecognized|unknown|bad|error)/i,
    /^(% ?)?command (rejected|authorization failed)/i,
  ],
  prepare: ['terminal length 0', 'terminal width 511'],
  show: 'show running-config interface {port}',
  lines: {
    access: '^switchport mode access$',
    trunk: '^switchport mode trunk$',
    accessVlan: '^switchport access vlan (\\d+)$',
    nativeVlan: '^switchport trunk native vlan (\\d+)$',
    tagged: '^switchport trunk allowed vlan (?:add )?([\\d,-]+)$',
    routed: '^no switchport$',
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
    // Models that also have ISL refuse the mode without it; the others do not know it.
    '? switchport trunk encapsulation dot1q',
    ...switchportTrunk,
  ],
  end: ['end'],
  abort: ['end'],
  save: ['write memory'],
  group: {
    name: 'Port-channel{number}',
    member: '^channel-group (\\d+) mode \\w+$',
    lacp: '^channel-group \\d+ mode (active|passive)$',
    leave: ['interface {port}', 'no channel-group'],
    lacpGroup: [],
    staticGroup: [],
    lacpMember: ['interface {port}', 'channel-group {number} mode active'],
    staticMember: ['interface {port}', 'channel-group {number} mode on'],
    // On Catalyst 4500 a group that is made before it has members is a routed one.
    membersHaveVlans: true,
  },
};
