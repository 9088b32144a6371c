// NVIDIA Cumulus Linux 5 with NVUE, its bridge br_default. Groups are left to the operator: NVUE tells them by the bond alone.
import type { SwitchProfile } from '../profile.ts';

const domain = 'interface {port} bridge domain br_default';

export const cumulusNvue: SwitchProfile = {
  name: 'cumulus-nvue',
  title: 'NVIDIA Cumulus Linux (NVUE)',
  // Assumed: the form of the JSON, that "nv show" of a port outside of the bridge tells an error, that "nv unset ... br_default" before
  // "nv set" is one change, and that the user may do all this without sudo.
  source: [
    'https://docs.nvidia.com/networking-ethernet-software/nvue-reference/Config-Commands',
    'https://docs.nvidia.com/networking-ethernet-software/nvue-reference/Common-Options',
    'https://docs.nvidia.com/networking-ethernet-software/nvue-reference/Set-and-Unset-Commands/Interface',
    'https://docs.nvidia.com/networking-ethernet-software/nvue-reference/Set-and-Unset-Commands/Bridge/',
    'https://github.com/CumulusNetworks/docs (content/cumulus-linux-59/Layer-2/Ethernet-Bridging-VLANs/VLAN-aware-Bridge-Mode.md)',
    'https://github.com/openstack/networking-generic-switch',
  ],
  prompt: /^[\w.-]+@[\w.:-]+:\S+[$#]$/,
  enable: null,
  confirm: null,
  refusals: [
    /^error:/i,
    /^(invalid config|config invalid at|usage:|.*command not found)/i,
    /(unable to restart services|failure during apply|is not a physical interface on this switch)/i,
  ],
  prepare: [],
  // Its lists of commands fold ports that are alike; this tells one port.
  // A port outside of the bridge has nothing to show, which is no failure.
  show: `? nv show ${domain} --applied --output json --color off`,
  lines: {
    access: '^"access": \\d+,?$',
    trunk: '^"untagged": \\d+,?$',
    accessVlan: '^"access": (\\d+),?$',
    nativeVlan: '^"untagged": (\\d+),?$',
    tagged: '^"(\\d+(?:-\\d+)?)": \\{\\}?,?$',
    routed: null,
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
    `nv set ${domain} vlan {allMore}`,
  ],
  end: ['nv config apply --assume-yes'],
  abort: ['nv config detach'],
  save: ['nv config save'],
  group: null,
};
