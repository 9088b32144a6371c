// Arista EOS.
import type { SwitchProfile } from '../profile.ts';
import { ciscoIos, switchportTrunk } from './cisco-ios.ts';

export const aristaEos: SwitchProfile = {
  ...ciscoIos,
  name: 'arista-eos',
  title: 'Arista EOS',
  // Assumed: that whatever else begins with "%" is a refusal, and that a trunk with its defaults shows no line for them.
  source: [
    'https://github.com/ansible-collections/arista.eos',
    'https://github.com/annetutil/gnetcli',
    'https://github.com/ktbyers/netmiko',
    'https://github.com/openstack/networking-generic-switch',
    'https://github.com/Cray-HPE/docs-csm (operations/network/customer_accessible_networks/bi-can_arista_aruba_config.md)',
  ],
  confirm: null,
  refusals: [/^%%? (?!writing)/i],
  defaults: { mode: 'access', vlan: 1 },
  begin: ['configure'],
  access: ['interface {port}', 'switchport', ...ciscoIos.access.slice(1)],
  trunk: ['interface {port}', 'switchport', ...switchportTrunk],
  save: ['copy running-config startup-config'],
  group: {
    name: 'Port-Channel{number}',
    member: '^channel-group (\\d+) mode \\w+$',
    lacp: '^channel-group \\d+ mode (active|passive)$',
    leave: ['interface {port}', 'no channel-group'],
    lacpGroup: [],
    staticGroup: [],
    lacpMember: ['interface {port}', 'channel-group {number} mode active'],
    staticMember: ['interface {port}', 'channel-group {number} mode on'],
    membersHaveVlans: false,
  },
};
