// Neutron's DHCP agent (Debian's package) in the namespace of a lab, where it serves one network on a VLAN of the lab's switch.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, deleteNamespace, namespaceExists, runInNamespace, type Site, startChild } from '@wrought/lab';
import type { NeutronCloud } from '../../neutron/cloud.ts';

const HOST = 'dhcp-agent';
const START_SECONDS = 240;
const POLL_MILLISECONDS = 200;
/** Firmware that boots over HTTP, which the agent does not mark by itself; docs/guide/networks.md has it for operators. */
const MARKS = [16, 19].map((architecture) => `dhcp-match=set:efihttp,option:client-arch,${architecture}`);
/** Where Neutron asks for rights; here it is root already. */
const privilegedSections = [
  ...['privsep', 'privsep_conntrack', 'privsep_dhcp_release', 'privsep_link', 'privsep_namespace'],
  ...['privsep_ovs_vsctl', 'vif_plug_ovs_privileged'],
];

export interface DhcpAgentOptions {
  readonly site: Site;
  readonly cloud: NeutronCloud;
  /** Name of the network; no other has subnets afterwards. */
  readonly network: string;
  readonly vlan: number;
  /** An address of the server there, by which machines reach it: "192.0.2.1/24". */
  readonly gateway: string;
  readonly folder: string;
}

function configuration(file: string, state: string, { site, cloud, folder }: DhcpAgentOptions): string {
  const plan = site.lab.record.switch;
  return [
    '[DEFAULT]',
    `transport_url = ${cloud.brokerUrl.replace('amqp:', 'rabbit:')}`,
    `state_path = ${state}`,
    `host = ${HOST}`,
    'interface_driver = openvswitch',
    `dnsmasq_config_file = ${join(folder, 'dnsmasq.conf')}`,
    '[agent]',
    // Debian's dnsmasq 2.90 does not survive the second reload after a lease; by default it is missed for a minute.
    'check_child_processes_interval = 1',
    'root_helper = env',
    'root_helper_daemon =',
    'use_helper_for_ns_read = false',
    '[oslo_concurrency]',
    `lock_path = ${state}/locks`,
    '[ovs]',
    `ovsdb_connection = ${plan?.database}`,
    `integration_bridge = ${plan?.bridge}`,
    ...privilegedSections.flatMap((section) => [
      `[${section}]`,
      `helper_command = /usr/bin/privsep-helper --config-file ${file}`,
    ]),
    '',
  ].join('\n');
}

/** Waits for what is not undefined. @throws Error that ends with the log of the agent */
async function until<Result>(
  what: string,
  { child, log }: { child: Child; log: string },
  look: () => Promise<Result | undefined>,
): Promise<Result> {
  const deadline = performance.now() + START_SECONDS * 1000;
  for (;;) {
    child.assertRunning();
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) {
      throw new Error(`${what} did not come within ${START_SECONDS} s: ${readFileSync(log, 'utf8').slice(-3000)}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}

/** Starts it, and resolves when it serves the network. */
export async function startDhcpAgent(options: DhcpAgentOptions): Promise<AsyncDisposable> {
  const { site, cloud, network, vlan, gateway, folder } = options;
  const { namespace, switch: plan } = site.lab.record;
  const networkId = cloud.networks[network] ?? '';
  const ownNamespace = `qdhcp-${networkId}`;
  const state = join(folder, 'agent');
  const file = join(folder, 'dhcp_agent.ini');
  const log = join(folder, 'agent.log');
  mkdirSync(state);
  // Its dnsmasq gives root up before it reads what the agent wrote.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'dnsmasq.conf'), `${MARKS.join('\n')}\n`);
  writeFileSync(file, configuration(file, state, options));
  for (const { id, network_id } of (await cloud.ask('GET', '/subnets')) as { id: string; network_id: string }[]) {
    if (network_id !== networkId) await cloud.ask('DELETE', `/subnets/${id}`);
  }
  await runInNamespace(namespace, 'ip', ['addr', 'add', gateway, 'dev', 'br0']);
  const vsctl = async (...args: string[]) =>
    (await runInNamespace(namespace, 'ovs-vsctl', [`--db=${plan?.database}`, ...args])).stdout;

  const program = ['/usr/bin/python3', '/usr/bin/neutron-dhcp-agent', `--config-file=${file}`];
  const child = startChild('neutron-dhcp-agent', '/sbin/ip', ['netns', 'exec', namespace, ...program], log);
  const agent = { child, log };
  async function stop(): Promise<void> {
    await child.stop();
    const pidFile = join(state, 'dhcp', networkId, 'pid');
    const pid = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : '';
    // The number may be somebody else's by now.
    const isOurs = existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(state);
    if (pid !== '' && isOurs) process.kill(Number(pid));
    if (namespaceExists(ownNamespace)) await deleteNamespace(ownNamespace);
  }
  try {
    // It is told of networks only once it listens, which is after it has reported.
    await until('the start of the DHCP agent', agent, async () =>
      readFileSync(log, 'utf8').includes('DHCP agent started') ? true : undefined,
    );
    const { id } = await until('the report of the DHCP agent', agent, async () => {
      return ((await cloud.ask('GET', `/agents?host=${HOST}`)) as { id: string }[])[0];
    });
    await cloud.ask('POST', `/agents/${id}/dhcp-networks`, { network_id: networkId }).catch((error: Error) => {
      // It may have taken the network by itself.
      if (!error.message.includes('NetworkHostedByDHCPAgent')) throw error;
    });
    const device = await until('the device of the DHCP agent', agent, async () => {
      const isServing = existsSync(join(state, 'dhcp', networkId, 'pid'));
      const name = (await vsctl('list-ports', plan?.bridge ?? '')).match(/^tap[0-9a-f]{8}-.*$/m)?.[0];
      return isServing ? name : undefined;
    });
    // What an agent of Neutron for the switch does.
    await vsctl('set', 'port', device, `tag=${vlan}`, 'vlan_mode=access', 'trunks=[]');
  } catch (error) {
    await stop();
    throw error;
  }
  return { [Symbol.asyncDispose]: stop };
}
