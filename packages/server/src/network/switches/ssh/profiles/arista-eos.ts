// Arista EOS.
import type { SwitchProfile } from '../profile.ts';
import { ciscoIos } from './cisco-ios.ts';

export const aristaEos: SwitchProfile = {
  ...ciscoIos,
  name: 'arista-eos',
  title: 'Arista EOS',
  source: ['Arista User Manual: VLANs, Port Channels and LACP, https://www.arista.com/en/um-eos'],
  refusals: [/^% /],
  prepare: ['terminal length 0', 'terminal width 32767'],
  defaults: { mode: 'access', vlan: 1 },
  begin: ['configure'],
  access: ['interface {port}', 'switchport', ...ciscoIos.access.slice(1)],
  trunk: ['interface {port}', 'switchport', ...ciscoIos.trunk.slice(1)],
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
