// OpenIPMI's ipmi_sim on loopback: a BMC that others wrote, for one test.
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createClient, TimeoutError } from '../../src/index.ts';

export interface SimulatedBmc {
  readonly host: string;
  readonly port: number;
  readonly userName: string;
  readonly password: string;
  /** Its process hangs: packets vanish, as with a dead management network. */
  hang(): void;
  resume(): void;
  /** Ends the process and starts another: sessions are lost, as when a BMC resets. */
  restart(): Promise<void>;
}

export interface SimulatorOptions {
  readonly host?: '127.0.0.1' | '::1';
  /** Kg, at most 20 characters without quotes. */
  readonly bmcKey?: string;
  /** Where a serial console is: a TCP port that ipmi_sim connects SOL to. */
  readonly solPort?: number;
}

const userName = 'admin';
const password = 'secret12';
export const guid = '0123456789abcdef0123456789abcdef';
const startMilliseconds = 10_000;
const pingMilliseconds = 50;

async function freeUdpPort(host: string): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

function configuration(host: string, port: number, options: SimulatorOptions): string {
  const methods = 'none md2 md5 straight';
  return `name "test"
set_working_mc 0x20
  startlan 1
    addr ${host} ${port}
    priv_limit admin
    allowed_auths_callback ${methods}
    allowed_auths_user ${methods}
    allowed_auths_operator ${methods}
    allowed_auths_admin ${methods}
    guid ${guid}
${options.bmcKey === undefined ? '' : `    bmc_key "${options.bmcKey}"\n`}  endlan
${options.solPort === undefined ? '' : `  sol "tcp:127.0.0.1:${options.solPort}" 115200\n`}  user 2 true "${userName}" "${password}" admin 10 none md2 md5 straight
  user 3 true "reader" "${password}" user 10 none md2 md5 straight
`;
}

// A BMC with a system event log, and a satellite controller at 0x30 on its bus (ipmi_sim_cmd(5)).
const commands = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
mc_add 0x30 0 no-device-sdrs 0x24 1 2 0x00 0x4242 0x1234
mc_enable 0x30
`;

/** Resolves when a presence ping is answered. */
async function answering(host: string, port: number): Promise<void> {
  const client = createClient();
  const deadline = performance.now() + startMilliseconds;
  try {
    for (;;) {
      try {
        await client.ping(host, { port, timeout: pingMilliseconds });
        return;
      } catch (error) {
        if (!(error instanceof TimeoutError) || performance.now() > deadline) throw error;
      }
    }
  } finally {
    await client.close();
  }
}

/** Started when it answers a presence ping; ended with the test. */
export async function startSimulator(t: TestContext, options: SimulatorOptions = {}): Promise<SimulatedBmc> {
  const host = options.host ?? '127.0.0.1';
  const port = await freeUdpPort(host);
  const folder = mkdtempSync(join(tmpdir(), 'ipmi-sim-'));
  const state = join(folder, 'state');
  mkdirSync(state);
  writeFileSync(join(folder, 'lan.conf'), configuration(host, port, options));
  writeFileSync(join(folder, 'sim.emu'), commands);
  let child: ChildProcess;
  const start = async () => {
    child = spawn('ipmi_sim', ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'sim.emu'), '-s', state, '-n'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`ipmi_sim ended with code ${code}`);
    });
    await Promise.race([failed, answering(host, port)]);
    failed.catch(() => undefined);
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  t.after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    host,
    port,
    userName,
    password,
    hang: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    async restart() {
      await stop();
      await start();
    },
  };
}
