// A real Neutron (Debian's package) for tests: its server with a mechanism driver of the tests, on MariaDB and a Keystone.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Child, freePort, startChild, startMariaDb } from '@wrought/lab';
import { type Keystone, password } from '../keystone/keystone.ts';

const runProgram = promisify(execFile);

const START_TIMEOUT_MILLISECONDS = 90_000;
const POLL_MILLISECONDS = 100;

/** What the mechanism driver was told of a port. */
export interface Notice {
  readonly what: 'create' | 'update' | 'delete';
  readonly id: string;
  readonly status: string;
  readonly mac_address: string;
  readonly 'binding:host_id': string;
  readonly 'binding:profile': { readonly local_link_information?: readonly unknown[] };
  readonly 'binding:vif_type': string;
}

export interface NeutronServer {
  /** Rows of a query to its database, tab-separated. */
  rows(sql: string): Promise<string>;
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
  /** Everything that the mechanism driver was told so far, in order. */
  notices(): readonly Notice[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends the database as well. */
  remove(): Promise<void>;
}

function configuration(folder: string, port: number, keystone: Keystone, socket: string, brokerUrl: string): string {
  return [
    '[DEFAULT]',
    'core_plugin = ml2',
    'service_plugins = segments',
    `transport_url = ${brokerUrl.replace('amqp:', 'rabbit:')}`,
    'api_workers = 1',
    'rpc_workers = 1',
    'rpc_state_report_workers = 0',
    'bind_host = 127.0.0.1',
    `bind_port = ${port}`,
    'api_paste_config = /etc/neutron/api-paste.ini',
    `state_path = ${folder}`,
    `dhcp_agent_notification = ${brokerUrl.startsWith('amqp')}`,
    'notify_nova_on_port_status_changes = false',
    'notify_nova_on_port_data_changes = false',
    'pagination_max_limit = 50',
    '[database]',
    `connection = mysql+pymysql://root@localhost/neutron?unix_socket=${socket}&charset=utf8`,
    '[keystone_authtoken]',
    `www_authenticate_uri = ${keystone.url}`,
    `auth_url = ${keystone.url}`,
    'auth_type = password',
    'username = neutron',
    `password = ${password}`,
    'project_name = service',
    'user_domain_name = Default',
    'project_domain_name = Default',
    'service_token_roles_required = true',
    'service_token_roles = service',
    '[oslo_concurrency]',
    `lock_path = ${folder}/locks`,
    '[ml2]',
    'type_drivers = flat,vlan',
    'tenant_network_types = vlan',
    'mechanism_drivers = wrought_test',
    'extension_drivers = port_security',
    '[ml2_type_flat]',
    'flat_networks = *',
    '[ml2_type_vlan]',
    'network_vlan_ranges = physnet1:100:199,physnet2:200:299',
    '',
  ].join('\n');
}

/** Puts the mechanism driver where Python finds it as a package with an entry point. */
function installMechanism(folder: string): string {
  const path = join(folder, 'python');
  const information = join(path, 'wrought_test-1.dist-info');
  mkdirSync(information, { recursive: true });
  cpSync(fileURLToPath(new URL('./mechanism.py', import.meta.url)), join(path, 'wrought_test_mechanism.py'));
  writeFileSync(join(information, 'METADATA'), 'Metadata-Version: 2.1\nName: wrought-test\nVersion: 1\n');
  writeFileSync(
    join(information, 'entry_points.txt'),
    '[neutron.ml2.mechanism_drivers]\nwrought_test = wrought_test_mechanism:Driver\n',
  );
  return path;
}

/**
 * Sets Neutron up in an empty folder and starts it; Keystone has to know its user.
 * @param brokerUrl where agents report to it: RabbitMQ, or "fake:/" for none
 * @param switchFile when there is one, the mechanism driver puts ports of that switch on VLANs
 */
export async function startNeutron(
  folder: string,
  keystone: Keystone,
  brokerUrl: string,
  switchFile?: string,
): Promise<NeutronServer> {
  const database = await startMariaDb(folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, 'neutron.conf');
  const journal = join(folder, 'journal');
  // Debian's packages are for Debian's Python, which need not be the first on the path.
  const program = '/usr/bin/env';
  const environment = [
    `PYTHONPATH=${installMechanism(folder)}`,
    `MECHANISM_JOURNAL=${journal}`,
    'PYTHONDONTWRITEBYTECODE=1',
    ...(switchFile === undefined ? [] : [`MECHANISM_SWITCH_FILE=${switchFile}`]),
  ];
  const python = (...given: string[]) => [...environment, '/usr/bin/python3', ...given];
  let server: Child | undefined;

  /** Runs a program of Neutron to its end. */
  async function manage(...given: string[]): Promise<void> {
    await runProgram(program, python(...given), { timeout: START_TIMEOUT_MILLISECONDS });
  }

  async function start(): Promise<void> {
    const given = python('/usr/bin/neutron-server', `--config-file=${file}`);
    const child = startChild('neutron-server', program, given, join(folder, 'neutron.log'));
    server = child;
    const deadline = performance.now() + START_TIMEOUT_MILLISECONDS;
    for (;;) {
      child.assertRunning();
      const answer = await fetch(url).catch(() => undefined);
      if (answer?.ok) {
        return;
      }
      if (performance.now() > deadline) {
        throw new Error(`Neutron does not answer: ${readFileSync(join(folder, 'neutron.log'), 'utf8').slice(-4000)}`);
      }
      await sleep(POLL_MILLISECONDS);
    }
  }

  async function stop(): Promise<void> {
    await server?.stop();
  }

  async function remove(): Promise<void> {
    await stop();
    await database.stop();
  }

  try {
    writeFileSync(file, configuration(folder, port, keystone, database.socket, brokerUrl));
    await database.query('', 'CREATE DATABASE neutron CHARACTER SET utf8;');
    await manage('/usr/bin/neutron-db-manage', `--config-file=${file}`, 'upgrade', 'heads');
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    url,
    rows: (sql) => database.query('neutron', sql),
    notices: () =>
      existsSync(journal)
        ? readFileSync(journal, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Notice)
        : [],
    start,
    stop,
    remove,
  };
}
