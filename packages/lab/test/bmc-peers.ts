// Programs that others wrote, run against a simulated BMC: ipmitool and FreeIPMI, also on a terminal of their own.
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type BmcSimulatorOptions, startBmcSimulator } from '../src/index.ts';

const run = promisify(execFile);
const timeoutMilliseconds = 60_000;
const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };

export const login = { userName: 'admin', password: 'secret12' } as const;

/** One BMC for one test. */
export async function startBmc(t: TestContext, options: Omit<BmcSimulatorOptions, 'count'> = {}) {
  const simulator = await startBmcSimulator({ count: 1, ...options });
  t.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  if (bmc === undefined) throw new Error('there is no BMC');
  return { simulator, bmc };
}

/** A UDP port on loopback, below those that are given out by themselves, that was free a moment ago. */
export async function lowUdpPort(): Promise<number> {
  for (let port = 10_000 + (process.pid % 10_000); ; port += 1) {
    const socket = createSocket('udp4');
    try {
      socket.bind({ port, address: '127.0.0.1', exclusive: true });
      await once(socket, 'listening');
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    } finally {
      socket.close();
    }
  }
}

interface At {
  readonly address: string;
  readonly port: number;
}

/** Output and error output of a program, whatever its exit code is. */
export async function printed(program: string, args: readonly string[]): Promise<string> {
  const options = { timeout: timeoutMilliseconds, env: environment };
  const { stdout, stderr } = await run(program, args, options).catch(
    (error: { stdout?: string; stderr?: string; code?: unknown }) => {
      if (typeof error.code !== 'number') throw error;
      return { stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
    },
  );
  return stdout + stderr;
}

/** How ipmitool logs in. */
export function ipmitoolArguments({ address, port }: At, how: readonly string[]): string[] {
  return ['-H', address, '-p', String(port), '-U', login.userName, '-P', login.password, ...how];
}

/** How a FreeIPMI tool logs in, with a cipher suite or with IPMI 1.5. */
export function freeIpmiArguments({ address, port }: At, suite: number | '1.5'): string[] {
  const driver = suite === '1.5' ? ['--driver-type=LAN'] : ['--driver-type=LAN_2_0', `--cipher-suite-id=${suite}`];
  return [...driver, '-h', `${address}:${port}`, '-u', login.userName, '-p', login.password, '-l', 'admin'];
}

/** A folder that is deleted after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wb-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/**
 * What a program prints on a terminal, until it ends. Each step waits until the text was printed, then types its answer.
 */
export function onTerminal(
  program: string,
  args: readonly string[],
  steps: readonly { readonly after: string; readonly type: string }[],
): Promise<string> {
  const command = [program, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: environment });
  const left = [...steps];
  let text = '';
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => child.kill(), timeoutMilliseconds);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const [step] = left;
      if (step !== undefined && text.includes(step.after)) {
        left.shift();
        child.stdin.write(step.type);
      }
    });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(deadline);
      resolve(text);
    });
  });
}
