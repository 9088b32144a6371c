// Options of the dnsmasq that serves DHCP and TFTP to machines.
import { boolean, path, text, textList } from './option.ts';

export const dnsmasq = {
  program: text({ default: 'dnsmasq', description: 'The dnsmasq program, by name or path.' }),
  interface: text({
    default: null,
    description: 'Network interface that is served; needed with dhcp_provider "dnsmasq".',
  }),
  ranges: textList({
    default: [],
    description:
      'Address ranges in the form of dnsmasq\'s --dhcp-range, such as "10.99.0.100,10.99.0.200,255.255.255.0". Needed with dhcp_provider "dnsmasq".',
  }),
  lease_time: text({ default: '10m', description: 'How long an address is leased, such as "10m" or "2h".' }),
  router: text({ default: null, description: 'Default router told to machines. Unset: none.' }),
  enable_ra: boolean({
    default: true,
    description:
      'Send IPv6 router advertisements when `ipv6_prefix` is set; without any, iPXE waits 13 seconds for one at each boot.',
  }),
  ipv6_prefix: text({ default: null, description: 'IPv6 prefix that is advertised, such as "fd00:99::".' }),
  enable_tftp: boolean({ default: true, description: 'Serve pxe.tftp_root over TFTP with the same dnsmasq.' }),
  dhcp_hostsdir: path({
    default: '$data_dir/dnsmasq/hosts',
    description: 'Folder with one host file for each port that is offered network boot.',
  }),
  dhcp_optsdir: path({
    default: '$data_dir/dnsmasq/options',
    description: 'Folder with one option file for each port that is offered network boot.',
  }),
  extra_options: textList({
    default: [],
    description: 'Further dnsmasq options, each as in its configuration file, such as "dhcp-ignore=tag:!known".',
  }),
} as const;
