// Sets the network up from a file of network data, before the agent starts: prints the interfaces that need DHCP, one a line.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { JsonObject } from '@wrought/contract';
import { type LocalInterface, planNetwork } from './network-plan.ts';
import { run } from './process.ts';

/** Interfaces of hardware, as the kernel names them. */
function localInterfaces(): LocalInterface[] {
  // Beside interfaces there are files, such as that by which bonds are made.
  const names = readdirSync('/sys/class/net').filter((name) => existsSync(`/sys/class/net/${name}/address`));
  return names
    .filter((name) => name !== 'lo')
    .map((name) => ({ name, address: readFileSync(`/sys/class/net/${name}/address`, 'utf8').trim() }));
}

/** Carries the plan out; a command that fails is told on standard error, and the rest goes on. */
export async function setUpNetwork(path: string): Promise<void> {
  const say = (text: string) => process.stderr.write(`[network] ${text}\n`);
  const plan = planNetwork(JSON.parse(readFileSync(path, 'utf8')) as JsonObject, localInterfaces());
  for (const problem of plan.problems) say(problem);
  for (const command of plan.commands) {
    try {
      await run('ip', command);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }
  if (plan.nameservers.length > 0) {
    const text = plan.nameservers.map((server) => `nameserver ${server}\n`).join('');
    // DHCP adds its own to those in /run.
    writeFileSync('/run/resolv.static', text);
    writeFileSync('/etc/resolv.conf', text);
  }
  for (const name of plan.dhcp) process.stdout.write(`${name}\n`);
}
