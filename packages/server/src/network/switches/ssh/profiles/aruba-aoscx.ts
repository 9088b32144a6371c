// HPE Aruba Networking AOS-CX.
import { type SwitchProfile, sectionPrompt } from '../profile.ts';

export const arubaAoscx: SwitchProfile = {
  name: 'aruba-aoscx',
  title: 'HPE Aruba Networking AOS-CX',
  // Assumed: the refusals other than "Invalid input" and "% ...", and that every port that is not routed shows its VLANs.
  source: [
    'HPE Aruba Networking AOS-CX 10.11 Link Aggregation Guide, all switch series, edition 2',
    'https://github.com/aruba/aoscx-ansible-collection',
    'https://github.com/Cray-HPE/docs-csm (install/prepare_compute_nodes.md, operations/network/management_network/aruba/)',
    'https://github.com/ktbyers/netmiko',
    'https://github.com/openstack/networking-generic-switch',
    'https://github.com/netdevops/hier_config (docs: drivers)',
  ],
  prompt: sectionPrompt,
  enable: null,
  confirm: null,
  refusals: [/^(invalid|unknown|error|failed|cannot|% )/i, /(not allowed|not supported|does not exist)\.?$/i],
  prepare: ['no page'],
  show: 'show running-config interface {port}',
  lines: {
    access: '^vlan access \\d+$',
    trunk: '^vlan trunk native \\d+( tag)?$',
    accessVlan: '^vlan access (\\d+)$',
    nativeVlan: '^vlan trunk native (\\d+)$',
    tagged: '^vlan trunk allowed ([\\d,-]+)$',
    // A routed port has no line for VLANs, while others have one for VLAN 1 as well.
    routed: null,
  },
  defaults: { mode: null, vlan: null },
  begin: ['configure terminal'],
  access: ['interface {port}', 'no shutdown', '? no routing', 'description {description}', 'vlan access {native}'],
  trunk: [
    'interface {port}',
    'no shutdown',
    // Not known to models whose ports never route.
    '? no routing',
    'description {description}',
    'vlan trunk native {native}',
    // Adds to what there is. What is too much goes last: a list without VLANs might mean all.
    'vlan trunk allowed {all}',
    'vlan trunk allowed {allMore}',
    'no vlan trunk allowed {surplus}',
  ],
  end: ['end'],
  abort: ['end'],
  save: ['write memory'],
  group: {
    name: 'lag {number}',
    member: '^lag (\\d+)$',
    lacp: '^lacp mode (active|passive)$',
    leave: ['interface {port}', 'no lag {formerNumber}'],
    lacpGroup: ['interface {group}', 'lacp mode active'],
    // One of them is not there.
    staticGroup: ['interface {group}', '? no lacp mode active', '? no lacp mode passive'],
    lacpMember: ['interface {port}', 'no shutdown', 'lag {number}'],
    staticMember: ['interface {port}', 'no shutdown', 'lag {number}'],
    membersHaveVlans: false,
  },
};
