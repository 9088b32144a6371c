// Options of Neutron: whether there is one, where it is, and which of its networks machines are on in each phase.
import { clientOptions } from './openstack-client.ts';
import { boolean, booleanOrPath, integer, text, textList, url } from './option.ts';

const networkOf = (what: string) =>
  text({
    default: null,
    reloadable: true,
    description: `Name or UUID of the network of ${what}, for nodes whose driver_info names none.`,
  });

const groupsOf = (what: string) =>
  textList({
    default: [],
    reloadable: true,
    description: `UUIDs of the security groups of ports for ${what}. Empty: what Neutron takes by itself.`,
  });

export const neutron = {
  enabled: boolean({
    default: false,
    description:
      'There is a Neutron, and the network interfaces "neutron" and "flat" work with it. Without it "flat" only notes which VIF is on which port.',
  }),
  ...clientOptions('Neutron', 'network'),
  request_timeout: integer({
    default: 45,
    minimum: 1,
    maximum: 600,
    unit: 'seconds',
    description: 'Longest time that Neutron gets for one answer.',
  }),
  cleaning_network: networkOf('cleaning'),
  provisioning_network: networkOf('deployment'),
  rescuing_network: networkOf('rescue'),
  inspection_network: networkOf('inspection'),
  servicing_network: networkOf('servicing'),
  cleaning_network_security_groups: groupsOf('cleaning'),
  provisioning_network_security_groups: groupsOf('deployment'),
  rescuing_network_security_groups: groupsOf('rescue'),
  inspection_network_security_groups: groupsOf('inspection'),
  servicing_network_security_groups: groupsOf('servicing'),
  add_all_ports: boolean({
    default: false,
    reloadable: true,
    description: 'Put all ports of a machine on the network of a phase, not only those that boot from the network.',
  }),
  dhcpv6_stateful_address_count: integer({
    default: 4,
    minimum: 1,
    maximum: 64,
    reloadable: true,
    description:
      'IPv6 addresses that a port of a phase gets in a subnet with stateful DHCPv6: firmware, boot loader and ramdisk each ask as somebody else.',
  }),
  port_setup_delay: integer({
    default: 0,
    minimum: 0,
    maximum: 600,
    unit: 'seconds',
    reloadable: true,
    description: 'Wait so long after the ports of a phase were made, for switches that are not done when Neutron is.',
  }),
  fail_on_port_binding_failure: boolean({
    default: true,
    reloadable: true,
    description:
      'The network interface "neutron" waits for ports to become active, and work fails when Neutron can not bind one. The key fail_on_binding_failure of driver_info goes first.',
  }),
  port_active_timeout: integer({
    default: 60,
    minimum: 1,
    maximum: 3600,
    unit: 'seconds',
    reloadable: true,
    description: 'How long a port may take to become active, where that is waited for.',
  }),
  host_report_url: url({
    default: null,
    schemes: ['amqp', 'amqps'],
    secret: true,
    description:
      'The message broker of Neutron, such as "amqp://neutron:password@rabbit.example.org:5672/". With it Neutron is told which physical networks each machine is on, as by an agent of type "Baremetal Node" on it: networks with several segments need that.',
  }),
  host_report_verify_ca: booleanOrPath({
    default: true,
    description:
      'How the certificate of a broker with an amqps URL is verified: by the CAs of the system, by this CA file, or not at all.',
  }),
  host_report_exchange: text({
    default: 'neutron',
    description: 'The exchange of Neutron on its broker (control_exchange of neutron.conf).',
  }),
  host_report_interval: integer({
    default: 30,
    minimum: 1,
    maximum: 3600,
    unit: 'seconds',
    description: 'How often machines are reported; less than half of agent_down_time of neutron.conf.',
  }),
  allow_disabling_power_off: boolean({
    default: false,
    reloadable: true,
    description:
      'Let nodes with disable_power_off use the network interface "neutron": their machines see the networks change while they run.',
  }),
} as const;
