// The keys of driver_info that all Redfish interfaces read, with a sentence each for operators.
export const properties = {
  redfish_address:
    'URL of the BMC: https://HOST[:PORT]; https is assumed, and a path is that of the service root. Required.',
  redfish_system_id:
    'Path of the ComputerSystem, such as /redfish/v1/Systems/1. Required where the BMC has several; else its only one.',
  redfish_username: 'User of the BMC.',
  redfish_password: 'Password of that user.',
  redfish_verify_ca:
    'true: the certificate of the BMC must be of an authority of the system; false: it is not checked; or the path of authorities. Default: redfish.verify_ca.',
  redfish_auth_type: 'How to log in: auto, session or basic. Default: redfish.auth_type.',
  redfish_tls_minimum_version: 'Lowest TLS version: 1.1, 1.2 or 1.3. Default: redfish.tls_minimum_version.',
  redfish_tls_ciphers: 'Cipher list in the form of OpenSSL. Default: redfish.tls_ciphers.',
} as const;
