// The lab's network: a namespace with a bridge, addresses for the server and the BMCs, and a tap for each NIC.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { identify, type ProcessIdentity } from '../process/identity.ts';
import { type RunOptions, type RunResult, run } from '../process/run.ts';

const ipProgram = '/sbin/ip';
export const bridgeName = 'br0';

/** What one lab's network consists of; all of it lives inside the namespace, so labs may use the same addresses. */
export interface NetworkPlan {
  namespace: string;
  /** Address of the bridge with prefix length, "10.99.0.1/24". */
  ipv4: string;
  /** Address of the bridge with prefix length, "fd00:99::1/64". */
  ipv6: string;
  /** Addresses of the BMCs, each on the loopback interface: machines reach them through the bridge's address. */
  bmcAddresses: string[];
  taps: string[];
  /** False: a switch that is no device of the kernel joins the taps, and has the address. */
  hasBridge: boolean;
}

/** The command line that runs a program inside a namespace; `ip` replaces itself, so the pid is the program's. */
export function namespaceCommand(namespace: string, file: string, args: string[]): { file: string; args: string[] } {
  return { file: ipProgram, args: ['netns', 'exec', namespace, file, ...args] };
}

/** Runs a program inside a namespace to its end. */
export function runInNamespace(
  namespace: string,
  file: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const command = namespaceCommand(namespace, file, args);
  return run(command.file, command.args, options);
}

/** Starts a program inside a namespace. */
export function spawnInNamespace(
  namespace: string,
  file: string,
  args: string[],
  options: SpawnOptions = {},
): ChildProcess {
  const command = namespaceCommand(namespace, file, args);
  return spawn(command.file, command.args, options);
}

function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}

export function namespaceExists(namespace: string): boolean {
  return existsSync(namespacePath(namespace));
}

/** The inode of a namespace tells it from another one of the same name; undefined when there is none. */
export function namespaceInode(namespace: string): number | undefined {
  return statSync(namespacePath(namespace), { throwIfNoEntry: false })?.ino;
}

/** Gives the device that the server lives at its addresses, and brings it up; arguments of `ip -batch`. */
export function addressLines({ ipv4, ipv6 }: Pick<NetworkPlan, 'ipv4' | 'ipv6'>): string[] {
  return [
    `addr add ${ipv4} dev ${bridgeName}`,
    // Duplicate detection would hold the address back for seconds.
    `addr add ${ipv6} dev ${bridgeName} nodad`,
    `link set ${bridgeName} up`,
  ];
}

/** Changes devices inside a namespace; each line as `ip` takes it. */
export async function configureDevices(namespace: string, lines: string[]): Promise<void> {
  await run(ipProgram, ['-n', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** Creates the namespace with bridge, addresses and taps. Throws when it exists already. */
export async function createNamespace(plan: NetworkPlan): Promise<void> {
  await run(ipProgram, ['netns', 'add', plan.namespace]);
  const bridge = [
    // Without learning from a querier, snooping would drop the multicast that IPv6 neighbour discovery needs.
    `link add ${bridgeName} type bridge mcast_snooping 0`,
    // A bridge takes over the lowest MAC of its ports unless it was given one: ARP caches would go stale.
    `link set ${bridgeName} address 52:54:00:ff:ff:01`,
    ...addressLines(plan),
  ];
  const lines = [
    'link set lo up',
    ...(plan.hasBridge ? bridge : []),
    ...plan.bmcAddresses.map((address) => `addr add ${address}/32 dev lo`),
    ...plan.taps.flatMap((tap) => [
      `tuntap add dev ${tap} mode tap`,
      `link set ${tap} addrgenmode none`,
      ...(plan.hasBridge ? [`link set ${tap} master ${bridgeName}`] : []),
      `link set ${tap} up`,
    ]),
  ];
  await configureDevices(plan.namespace, lines);
}

/** The running processes inside a namespace. */
export async function namespaceProcesses(namespace: string): Promise<ProcessIdentity[]> {
  const { stdout } = await run(ipProgram, ['netns', 'pids', namespace]);
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => identify(Number(line)))
    .filter((identity) => identity !== undefined);
}

/** Deletes a namespace; its bridge and taps go with it. */
export async function deleteNamespace(namespace: string): Promise<void> {
  if (namespaceExists(namespace)) await run(ipProgram, ['netns', 'delete', namespace]);
}
