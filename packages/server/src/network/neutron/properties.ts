// Keys of driver_info that the network interfaces with Neutron read.

const networkOf = (phase: string) => `Name or UUID of the network for it. Default: neutron.${phase}_network.`;

export const phaseProperties = {
  cleaning_network: networkOf('cleaning'),
  provisioning_network: networkOf('provisioning'),
  rescuing_network: networkOf('rescuing'),
  inspection_network: networkOf('inspection'),
  servicing_network: networkOf('servicing'),
  fail_on_binding_failure:
    'Wait for ports to become active, and fail when one can not be bound. Default: neutron.fail_on_port_binding_failure with the interface "neutron", true for Smart NICs, else false.',
} as const;
