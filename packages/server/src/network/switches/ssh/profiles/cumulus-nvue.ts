// NVIDIA Cumulus Linux 5 with NVUE, its bridge br_default. Groups are left to the operator: NVUE tells them by the bond alone.
import type { SwitchProfile } from '../profile.ts';

const domain = 'interface {port} bridge domain br_default';

export const cumulusNvue: SwitchProfile = {
  name: 'cumulus-nvue',
  title: 'NVIDIA Cumulus Linux (NVUE)',
  source: [
    'https://docs.nvidia.com/networking-ethernet-software/cumulus-linux/Layer-2/Ethernet-Bridging-VLANs/VLAN-aware-Bridge-Mode/',
  ],
  prompt: /^[\w.-]+@[\w.:-]+:\S+[$#]$/,
  enable: null,
  refusals: [/^error:/i, /^(invalid config|usage:|.*command not found)/i],
  prepare: [],
  // Its lists of commands fold ports that are alike; this tells one port.
  show: `nv show ${domain} --applied -o json`,
  lines: {
    access: '^"access": \\d+,?$',
    trunk: '^"untagged": \\d+,?$',
    accessVlan: '^"access": (\\d+),?$',
    nativeVlan: '^"untagged": (\\d+),?$',
    tagged: '^"(\\d+(?:-\\d+)?)": \\{\\}?,?$',
  },
  defaults: { mode: null, vlan: null },
  begin: [],
  access: [
    'nv set interface {port} description "{description}"',
    `nv unset ${domain}`,
    `nv set ${domain} access {native}`,
  ],
  trunk: [
    'nv set interface {port} description "{description}"',
    `nv unset ${domain}`,
    `nv set ${domain} untagged {native}`,
    `nv set ${domain} vlan {all}`,
  ],
  end: ['nv config apply -y'],
  abort: ['nv config detach'],
  save: ['nv config save'],
  group: null,
};
