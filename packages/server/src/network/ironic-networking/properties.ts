// Keys of driver_info that the network interface ironic-networking reads.

const networkOf = (phase: string) =>
  `Network for it, as "access/native_vlan=VLAN". Default: ironic_networking.${phase}_network, then extra/switchport of the port.`;

export const networkProperties = {
  cleaning_network: networkOf('cleaning'),
  provisioning_network: networkOf('provisioning'),
  rescuing_network: networkOf('rescuing'),
  inspection_network: networkOf('inspection'),
  servicing_network: networkOf('servicing'),
  idle_network:
    'Network of ports that nothing uses, as "access/native_vlan=VLAN". Default: ironic_networking.idle_network, then the default VLAN of the switch.',
} as const;
