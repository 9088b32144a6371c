// The keys of driver_info that the ipmitool interfaces read, with a sentence each for operators.
export const properties = {
  ipmi_address: 'Address or host name of the BMC. Required.',
  ipmi_username: 'User of the BMC; the null user when left out.',
  ipmi_password: 'Password of that user.',
  ipmi_port: 'RMCP port of the BMC. Default: 623.',
  ipmi_priv_level: 'Privilege level: ADMINISTRATOR (default), OPERATOR, USER or CALLBACK.',
  ipmi_hex_kg_key: 'Kg key for two-key authentication, in hexadecimal digits.',
  ipmi_protocol_version: 'IPMI version: "2.0" (default) or "1.5".',
  ipmi_cipher_suite: 'Cipher suite: 3 or 17. When left out, what the BMC takes is found out and remembered.',
  ipmi_bridging: 'Bridging to another controller: "no" (default), "single" or "dual".',
  ipmi_target_channel: 'Destination channel. Required with single and dual bridging.',
  ipmi_target_address: 'Destination address. Required with single and dual bridging.',
  ipmi_transit_channel: 'Transit channel. Required with dual bridging.',
  ipmi_transit_address: 'Transit address. Required with dual bridging.',
  ipmi_local_address: 'Local IPMB address for bridging.',
  ipmi_force_boot_device: 'Send the boot device again before each power on. Default: false.',
  ipmi_disable_boot_timeout:
    'Tell the BMC to keep a boot device longer than 60 seconds. Default: ipmi.disable_boot_timeout of the configuration.',
  ipmi_terminal_port: 'Local TCP port of the serial console.',
} as const;
