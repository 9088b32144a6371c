// A tenant's network on the lab's switch: a VLAN, and on it a namespace of its own that gives out addresses and answers to pings.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LabRecord } from '../lab/record.ts';
import { configureDevices, deleteNamespace, namespaceProcesses, runInNamespace } from '../network/namespace.ts';
import { endProcesses } from '../process/end.ts';
import { pollUntil } from '../process/poll.ts';
import { ProgramError, run } from '../process/run.ts';

const ipProgram = '/sbin/ip';
const startDeadlineSeconds = 10;

export interface TenantNetworkOptions {
  vlan: number;
  /** The address of whatever the tenant has there, with the length of its network: "10.99.0.61/24". */
  address: string;
  /** First and last address that DHCP gives out. */
  range: readonly [string, string];
}

export interface TenantNetwork {
  readonly vlan: number;
  readonly namespace: string;
  /** Whether an address answers to pings from here. */
  reaches(address: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Whether an address answers to one of two pings from inside a namespace. */
export async function answersPing(namespace: string, address: string): Promise<boolean> {
  try {
    await runInNamespace(namespace, 'busybox', ['ping', '-c', '2', '-W', '2', address]);
    return true;
  } catch (error) {
    if (error instanceof ProgramError && error.exitCode === 1) return false;
    throw error;
  }
}

/** Makes the network in a lab with a switch. */
export async function startTenantNetwork(lab: LabRecord, options: TenantNetworkOptions): Promise<TenantNetwork> {
  const plan = lab.switch;
  if (plan === undefined) throw new Error('the lab has no switch; bring it up with one');
  const { vlan, address, range } = options;
  const namespace = `${lab.namespace}-${vlan}`;
  const device = `tenant${vlan}`;
  const directory = join(lab.directory, 'switch', device);
  mkdirSync(directory, { recursive: true });

  async function stop(): Promise<void> {
    await endProcesses(await namespaceProcesses(namespace));
    await deleteNamespace(namespace);
    await run('ovs-vsctl', [`--db=${plan?.database}`, '--if-exists', 'del-port', plan?.bridge ?? '', device]);
  }

  await run(ipProgram, ['netns', 'add', namespace]);
  try {
    await run('ovs-vsctl', [
      ...[`--db=${plan.database}`, 'add-port', plan.bridge, device, `tag=${vlan}`, 'vlan_mode=access'],
      ...['--', 'set', 'interface', device, 'type=internal'],
    ]);
    await configureDevices(lab.namespace, [`link set ${device} netns ${namespace}`]);
    await configureDevices(namespace, ['link set lo up', `addr add ${address} dev ${device}`, `link set ${device} up`]);
    const leases = join(directory, 'leases');
    await runInNamespace(namespace, 'dnsmasq', [
      ...[
        '--port=0',
        '--bind-interfaces',
        `--interface=${device}`,
        '--dhcp-authoritative',
        '--user=root',
        '--pid-file=',
      ],
      ...[`--dhcp-range=${range.join(',')},10m`, '--dhcp-option=option:router', `--dhcp-leasefile=${leases}`],
      ...['--conf-file=/dev/null', `--log-facility=${join(directory, 'dnsmasq.log')}`, '--log-dhcp'],
    ]);
    const runs = async () => (await namespaceProcesses(namespace)).length > 0;
    if (!(await pollUntil(runs, startDeadlineSeconds))) throw new Error(`dnsmasq of VLAN ${vlan} does not run`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { vlan, namespace, reaches: (other) => answersPing(namespace, other), stop };
}
