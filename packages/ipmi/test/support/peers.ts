// A session of ours with a simulated BMC, and the programs that others wrote beside it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Client, createClient, type Session } from '../../src/index.ts';

const run = promisify(execFile);

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly userName: string;
  readonly password: string;
}

/** The best that ipmi_sim has. */
const suite = 3;

/** A session with the BMC, and the client that ends it. */
export function sessionWith({ host, port, userName, password }: Target): { client: Client; session: Session } {
  const client = createClient();
  const session = client.session({ host, port, userName, password, suites: [suite] });
  return { client, session };
}

/** Arguments with which ipmitool logs in. */
export function ipmitoolLogin({ host, port, userName, password }: Target): string[] {
  return ['-I', 'lanplus', '-C', String(suite), '-H', host, '-p', String(port), '-U', userName, '-P', password];
}

/** Arguments with which a FreeIPMI tool logs in. */
export function freeIpmiLogin({ host, port, userName, password }: Target): string[] {
  const login = ['-h', `${host}:${port}`, '-u', userName, '-p', password, '-l', 'admin'];
  // ipmi_sim refuses the privilege 0 ("highest that matches") with which FreeIPMI opens sessions otherwise.
  return ['--driver-type=LAN_2_0', `--cipher-suite-id=${suite}`, '--workaround-flags=opensesspriv', ...login];
}

const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };

/** What a program prints. Throws, with its output, when it fails. */
export async function printedBy(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { timeout: 60_000, env: environment });
  return stdout;
}

/** What `ipmi-config` prints of a section; it ends with code 1 when the BMC lacks a single one of its values. */
export async function configSection(target: Target, section: string): Promise<string> {
  const args = [...freeIpmiLogin(target), '--category=core', '--checkout', `--section=${section}`];
  try {
    return await printedBy('ipmi-config', args);
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (!stdout.startsWith(`Section ${section}`)) throw error;
    return stdout;
  }
}
