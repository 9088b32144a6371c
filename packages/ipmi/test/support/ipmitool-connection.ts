// A connection that sends each request with `ipmitool raw`: another implementation's sessions under our commands.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Connection } from '../../src/connection.ts';
import { CompletionCodeError } from '../../src/errors.ts';

const run = promisify(execFile);

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** Arguments with which ipmitool logs in; cipher suite 3 is the best that ipmi_sim has. */
export function ipmitoolLogin({ address, port, username, password }: Target): string[] {
  return ['-I', 'lanplus', '-C', '3', '-H', address, '-p', String(port), '-U', username, '-P', password];
}

export function ipmitoolConnection(target: Target): Connection {
  return {
    async request({ netFn, command, data = new Uint8Array(), lun = 0 }) {
      const bytes = [netFn, command, ...data].map((byte) => `0x${byte.toString(16)}`);
      const args = [...ipmitoolLogin(target), '-l', String(lun), 'raw', ...bytes];
      const { stdout } = await run('ipmitool', args, { timeout: 30_000 }).catch((error: { stderr?: string }) => {
        const code = /rsp=0x([0-9a-f]+)/.exec(error.stderr ?? '')?.[1];
        if (code === undefined) throw error;
        throw new CompletionCodeError(netFn, command, Number.parseInt(code, 16));
      });
      return Buffer.from(stdout.replaceAll(/\s/g, ''), 'hex');
    },
  };
}

/** Arguments with which a FreeIPMI tool logs in. */
export function freeIpmiLogin({ address, port, username, password }: Target): string[] {
  const login = ['-h', `${address}:${port}`, '-u', username, '-p', password, '-l', 'admin'];
  // ipmi_sim refuses the privilege 0 ("highest that matches") with which FreeIPMI opens sessions otherwise.
  return ['--driver-type=LAN_2_0', '--cipher-suite-id=3', '--workaround-flags=opensesspriv', ...login];
}

/** What a program prints. Throws, with its output, when it fails. */
export async function printedBy(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { timeout: 60_000, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } });
  return stdout;
}
