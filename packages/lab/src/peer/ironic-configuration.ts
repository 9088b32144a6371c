// The configuration with which the peer runs: no authentication, JSON-RPC between API and conductor, and no work of its own accord.

/** Enabled interfaces by kind, the hardware types that use them, and further lines for the section [conductor]. */
export interface PeerOptions {
  readonly hardwareTypes?: readonly string[];
  /** What is not named here has its implementation that does nothing. */
  readonly interfaces?: Readonly<Record<string, readonly string[]>>;
  readonly conductor?: readonly string[];
}

const fakeOnly = ['bios', 'boot', 'deploy', 'management', 'power', 'vendor'];
const withoutFunction = ['console', 'inspect', 'raid', 'rescue'];

/** The least with which fake-hardware works. */
const leastInterfaces: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(fakeOnly.map((kind) => [kind, ['fake']])),
  ...Object.fromEntries(withoutFunction.map((kind) => [kind, [`no-${kind}`]])),
  network: ['noop'],
  storage: ['noop'],
};

/** The text of ironic.conf. */
export function ironicConfiguration(
  stateDirectory: string,
  databaseSocket: string,
  rpcPort: number,
  options: PeerOptions = {},
): string {
  const interfaces = { ...leastInterfaces, ...options.interfaces };
  const enabled = Object.entries(interfaces).map(([kind, names]) => `enabled_${kind}_interfaces = ${names.join(',')}`);
  return `[DEFAULT]
auth_strategy = noauth
host = 127.0.0.1
my_ip = 127.0.0.1
state_path = ${stateDirectory}
rpc_transport = json-rpc
transport_url = fake:/
enabled_hardware_types = ${(options.hardwareTypes ?? ['fake-hardware']).join(',')}
${enabled.join('\n')}

[database]
connection = mysql+pymysql://root@/ironic?unix_socket=${databaseSocket}&charset=utf8

[json_rpc]
auth_strategy = noauth
host_ip = 127.0.0.1
port = ${rpcPort}

[conductor]
sync_power_state_interval = 0
${(options.conductor ?? []).join('\n')}

[deploy]
http_root = ${stateDirectory}/http

[pxe]
tftp_root = ${stateDirectory}/tftp
tftp_master_path = ${stateDirectory}/tftp/master
instance_master_path = ${stateDirectory}/images/master

[oslo_concurrency]
lock_path = ${stateDirectory}
`;
}
