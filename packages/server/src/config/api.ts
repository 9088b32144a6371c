// Options of the REST API: where it listens, who may call it, and how large a request may be.
import { address, boolean, choice, integer, path, text, textList, url } from './option.ts';

export const api = {
  listen: address({
    default: '127.0.0.1:6385',
    optional: true,
    description: 'Address of the API. Empty text: no TCP listener, only the UNIX socket.',
  }),
  unix_socket: path({
    default: '$data_dir/wrought.sock',
    optional: true,
    description:
      'UNIX socket of the API, mode 0600. Whoever can open it is the owner of the data directory and needs no password. Empty text: no socket.',
  }),
  auth: choice({
    default: 'http_basic',
    allowed: ['http_basic', 'keystone', 'none'],
    description:
      'How callers prove who they are: a password, or a token of Keystone (section [keystone]), by whose roles and project the policy decides. "none" must be written out, and is refused on addresses other than loopback unless `insecure` is true.',
  }),
  http_basic_auth_user_file: path({
    default: '$data_dir/htpasswd',
    description:
      'htpasswd file with bcrypt hashes. The default file is made on first start with a generated password, which is kept in the file `password` of the data directory (mode 0600). The file is read again when it changes.',
  }),
  insecure: boolean({
    default: false,
    description: 'Allow `auth = "none"` on an address that other machines can reach.',
  }),
  tls_certificate_file: path({
    default: null,
    reloadable: true,
    description: 'PEM certificate chain of the API; with it the TCP listeners speak HTTPS.',
  }),
  tls_key_file: path({
    default: null,
    reloadable: true,
    description: 'PEM private key that belongs to `tls_certificate_file`.',
  }),
  tls_minimum_version: choice({
    default: '1.2',
    allowed: ['1.2', '1.3'],
    description: 'Oldest TLS version that the API accepts.',
  }),
  public_endpoint: url({
    default: null,
    reloadable: true,
    description:
      'Base of the links in answers and of the API address given to ramdisks, for use behind a proxy. Unset: taken from the request, or from the address listened on.',
  }),
  ramdisk_listen: address({
    default: null,
    description:
      'Own listener for lookup, heartbeat and continue_inspection alone, so that the provisioning network never reaches the rest of the API. Unset: they are served on `listen`.',
  }),
  enable_ramdisk_endpoints: boolean({
    default: true,
    description: 'Serve lookup, heartbeat and continue_inspection at all.',
  }),
  restrict_lookup: boolean({
    default: true,
    reloadable: true,
    description: 'Answer lookups only for nodes in states in which an agent is expected.',
  }),
  ramdisk_heartbeat_timeout: integer({
    default: 300,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'Largest gap between heartbeats, told to the agent at lookup.',
  }),
  policy_file: path({
    default: null,
    reloadable: true,
    description:
      'YAML file (as of oslo.policy) whose rules go before the built-in ones. "wrought policy list" shows the rules in force.',
  }),
  project_admin_can_manage_own_nodes: boolean({
    default: true,
    reloadable: true,
    description: 'Administrators of a project may enrol nodes, which belong to the project then, and delete them.',
  }),
  rbac_service_role_elevated_access: boolean({
    default: false,
    reloadable: true,
    description: 'The role "service" in the project `rbac_service_project_name` may do what members of the system may.',
  }),
  rbac_service_project_name: text({
    default: 'service',
    reloadable: true,
    description: 'Name of the project of services; see `rbac_service_role_elevated_access`.',
  }),
  max_limit: integer({
    default: 1000,
    minimum: 1,
    reloadable: true,
    description: 'Most items in one answer to a list request.',
  }),
  max_json_body_depth: integer({
    default: 25,
    minimum: 8,
    description: 'Deepest nesting accepted in a JSON body.',
  }),
  max_json_body_size: integer({
    default: 1024,
    minimum: 4,
    unit: 'KiB',
    description: 'Largest JSON body of an ordinary request.',
  }),
  max_json_body_size_provision: integer({
    default: 65_536,
    minimum: 4,
    unit: 'KiB',
    description: 'Largest JSON body of a provision request, which may carry a config drive.',
  }),
  max_json_body_size_inspection: integer({
    default: 16_384,
    minimum: 4,
    unit: 'KiB',
    description: 'Largest JSON body of what the ramdisk of an inspection tells.',
  }),
  disallow_deploy_steps: textList({
    default: ['vendor.send_raw'],
    reloadable: true,
    description: 'Deploy steps ("interface.step") that callers may not ask for.',
  }),
  disallow_service_steps: textList({
    default: ['vendor.send_raw'],
    reloadable: true,
    description: 'Service steps ("interface.step") that callers may not ask for.',
  }),
  disallow_clean_steps: textList({
    default: ['vendor.send_raw'],
    reloadable: true,
    description: 'Clean steps ("interface.step") that callers may not ask for.',
  }),
} as const;
