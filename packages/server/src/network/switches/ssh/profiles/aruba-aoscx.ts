// HPE Aruba Networking AOS-CX.
import type { SwitchProfile } from '../profile.ts';

export const arubaAoscx: SwitchProfile = {
  name: 'aruba-aoscx',
  title: 'HPE Aruba Networking AOS-CX',
  source: [
    'https://support.hpe.com/techhub/eginfolib/Aruba/OS-CX_10.02/5200-5320/GUID-C4E28068-2352-425B-901F-581A0ABAC0B0.html',
    'AOS-CX Layer 2 Bridging Guide: VLANs',
  ],
  prompt: /^[\w.@-]+(\([\w.-]+\))?#$/,
  enable: null,
  refusals: [/^(invalid|unknown|error|failed|cannot|% )/i, /(not allowed|not supported|does not exist)\.?$/i],
  prepare: ['no page'],
  show: 'show running-config interface {port}',
  lines: {
    access: '^vlan access \\d+$',
    trunk: '^vlan trunk native \\d+( tag)?$',
    accessVlan: '^vlan access (\\d+)$',
    nativeVlan: '^vlan trunk native (\\d+)$',
    tagged: '^vlan trunk allowed ([\\d,-]+)$',
  },
  defaults: { mode: 'access', vlan: 1 },
  begin: ['configure terminal'],
  access: ['interface {port}', 'no shutdown', 'no routing', 'description {description}', 'vlan access {native}'],
  trunk: [
    'interface {port}',
    'no shutdown',
    'no routing',
    'description {description}',
    'vlan trunk native {native}',
    'no vlan trunk allowed {surplus}',
    'vlan trunk allowed {all}',
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
    staticGroup: ['interface {group}', 'no lacp mode'],
    lacpMember: ['interface {port}', 'no shutdown', 'lag {number}'],
    staticMember: ['interface {port}', 'no shutdown', 'lag {number}'],
    membersHaveVlans: false,
  },
};
