// Options of the Redfish drivers.
import { boolean, booleanOrPath, choice, integer, text } from './option.ts';

export const redfish = {
  auth_type: choice({
    default: 'auto',
    allowed: ['auto', 'session', 'basic'],
    reloadable: true,
    description:
      'How BMCs are logged in to, where driver_info/redfish_auth_type does not say: by a session, with user name and password in each request, or by a session where the BMC has such.',
  }),
  verify_ca: booleanOrPath({
    default: true,
    reloadable: true,
    description:
      "Whose certificates BMCs must have, where driver_info/redfish_verify_ca does not say: true (the authorities of the system), false (anybody's), or the path of a file or folder of authorities.",
  }),
  tls_minimum_version: choice({
    default: '1.2',
    allowed: ['1.1', '1.2', '1.3'],
    reloadable: true,
    description: 'Lowest TLS version, where driver_info/redfish_tls_minimum_version does not say.',
  }),
  tls_ciphers: text({
    default: null,
    reloadable: true,
    description: 'Cipher list in the form of OpenSSL, where driver_info/redfish_tls_ciphers does not say.',
  }),
  connection_attempts: integer({
    default: 5,
    minimum: 1,
    reloadable: true,
    description: 'How often a request that may be repeated is sent at most.',
  }),
  connection_retry_interval: integer({
    default: 4,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'Pause before the second try; each further one is twice as long.',
  }),
  connect_timeout: integer({
    default: 30,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'How long a connection to a BMC may take.',
  }),
  read_timeout: integer({
    default: 60,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'How long one request with all its tries may take.',
  }),
  connection_cache_size: integer({
    default: 20_000,
    minimum: 0,
    description: 'Most BMCs to which sessions are kept between requests; the longest unused ones are logged out.',
  }),
  step_status_interval: integer({
    default: 10,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'How often a BMC is asked how a change stands that takes time: BIOS settings, RAID, firmware.',
  }),
  firmware_source: choice({
    default: 'http',
    allowed: ['http', 'local'],
    reloadable: true,
    description:
      'From where BMCs get firmware images: `http`, from the URL as it is given; `local`, from this server, which fetches and checks them first (`deploy.external_http_url`). BMCs that can not fetch are sent them.',
  }),
  firmware_update_overall_timeout: integer({
    default: 7200,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'How long all updates of one step may take; 0: no limit.',
  }),
  firmware_update_verify_timeout: integer({
    default: 300,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description:
      'How long a new version of firmware may take to show after its update. What shows the same version then counts as updated: it may have been that before.',
  }),
  idrac_ready_timeout: integer({
    default: 900,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description:
      'How long the Lifecycle Controller of an iDRAC may take to be ready for a step, and an iDRAC to be back after a reset.',
  }),
  idrac_configuration_timeout: integer({
    default: 7200,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'How long an iDRAC may take to export or import a configuration.',
  }),
  enable_verify_bmc_clock: boolean({
    default: false,
    reloadable: true,
    description:
      'Whether the clocks of BMCs are compared with that of the server when nodes are verified, and set right.',
  }),
  kernel_append_params: text({
    default: 'nofb vga=normal',
    reloadable: true,
    description: 'Kernel arguments of ramdisks that boot from media of ours.',
  }),
} as const;
