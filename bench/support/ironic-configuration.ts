// The configuration with which the peer runs: no authentication, the fake driver, JSON-RPC between API and conductor.

const fakeInterfaces = ['bios', 'boot', 'deploy', 'management', 'power', 'vendor'];
const emptyInterfaces = ['console', 'inspect', 'raid', 'rescue'];
const noopInterfaces = ['network', 'storage'];

/** The text of ironic.conf. */
export function ironicConfiguration(stateDirectory: string, databaseSocket: string, rpcPort: number): string {
  const interfaces = [
    ...fakeInterfaces.map((kind) => `enabled_${kind}_interfaces = fake`),
    ...emptyInterfaces.map((kind) => `enabled_${kind}_interfaces = no-${kind}`),
    ...noopInterfaces.map((kind) => `enabled_${kind}_interfaces = noop`),
  ];
  return `[DEFAULT]
auth_strategy = noauth
host = 127.0.0.1
my_ip = 127.0.0.1
state_path = ${stateDirectory}
rpc_transport = json-rpc
transport_url = fake:/
enabled_hardware_types = fake-hardware
${interfaces.join('\n')}

[database]
connection = mysql+pymysql://root@/ironic?unix_socket=${databaseSocket}&charset=utf8

[json_rpc]
auth_strategy = noauth
host_ip = 127.0.0.1
port = ${rpcPort}

[conductor]
sync_power_state_interval = 0

[oslo_concurrency]
lock_path = ${stateDirectory}
`;
}
