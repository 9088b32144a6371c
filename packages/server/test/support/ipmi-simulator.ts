// A real BMC for tests: OpenIPMI's ipmi_sim on a loopback port, with a chassis program that keeps its state in files.

import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const START_DEADLINE_MILLISECONDS = 10_000;

export interface SimulatedBmc {
  readonly port: number;
  /** The words of every call of the chassis program so far, with a line for its begin and one for its end. */
  calls(): Promise<string[]>;
  /** "on" or "off", as the chassis has it. */
  power(): Promise<string>;
  stop(): Promise<void>;
}

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

// An RMCP presence ping (ASF): the simulator answers it once it listens.
const presencePing = Buffer.from([6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, 0, 0, 0]);

async function untilAnswering(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MILLISECONDS;
  for (;;) {
    const socket = createSocket('udp4');
    const answered = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), 200);
      const settle = (answer: boolean) => {
        clearTimeout(timer);
        resolve(answer);
      };
      socket.once('message', () => settle(true));
      socket.once('error', () => settle(false));
      socket.connect(port, '127.0.0.1', () => socket.send(presencePing));
    });
    socket.close();
    if (answered) {
      return;
    }
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`ipmi_sim does not answer on port ${port}; is the package openipmi installed?`);
    }
    await sleep(20);
  }
}

const chassisProgram = (folder: string) => `#!/bin/sh
echo "begin $*" >> ${folder}/calls
case "$1" in
  get)
    shift
    for name in "$@"; do
      case "$name" in
        power) echo "power:$(cat ${folder}/power)" ;;
        boot) echo "boot:$(cat ${folder}/boot)" ;;
      esac
    done ;;
  set)
    case "$2" in
      power) echo "$3" > ${folder}/power ;;
      boot) echo "$3" > ${folder}/boot ;;
      shutdown) echo 0 > ${folder}/power ;;
    esac ;;
esac
echo "end $*" >> ${folder}/calls
`;

/** A temperature sensor that reads 42 degrees, and its record: IPMI 2.0, table 43-1. */
const temperatureSensor = `sensor_add 0x20 0 1 0x01 0x01
sensor_set_value 0x20 0 1 0x2a 0
sensor_set_event_support 0x20 0 1 enable scanning per-state ${Array(4).fill('000111111111111').join(' ')}
main_sdr_add 0x20 0 0 0x51 1 0x33 0x20 0 1 3 1 0x7f 0x68 1 1 0 0 0 0 0x3f 0x3f 0 1 0 0 1 0 0 0 0 0 7 0x2a 0x50 5 0xff 0 0x60 0x5a 0x50 0 0 0 2 2 0 0 0 0xc8 0x43 0x50 0x55 0x20 0x54 0x65 0x6d 0x70
`;

export interface BmcOptions {
  /** With one temperature sensor; without it there is none. */
  readonly hasSensor?: boolean;
}

/** Starts a BMC (user "admin", password "secret12") that ends with the test. */
export async function startBmc(t: TestContext, { hasSensor = false }: BmcOptions = {}): Promise<SimulatedBmc> {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-bmc-'));
  await mkdir(join(folder, 'state'));
  const port = await freeUdpPort();
  await writeFile(join(folder, 'chassis'), chassisProgram(folder), { mode: 0o755 });
  await writeFile(join(folder, 'power'), '0');
  await writeFile(join(folder, 'boot'), 'none');
  await writeFile(join(folder, 'calls'), '');
  await writeFile(
    join(folder, 'lan.conf'),
    `name "test"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${folder}/chassis"
  user 2 true "admin" "secret12" admin 10 none md2 md5 straight
`,
  );
  await writeFile(
    join(folder, 'sim.emu'),
    `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
${hasSensor ? temperatureSensor : ''}mc_enable 0x20
`,
  );
  const args = ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'sim.emu'), '-s', join(folder, 'state'), '-n'];
  const child = spawn('ipmi_sim', args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await exited;
    }
  }
  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  await untilAnswering(port, child);
  const lines = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim();
  return {
    port,
    calls: async () => (await lines('calls')).split('\n').filter((line) => line !== ''),
    power: async () => ((await lines('power')) === '1' ? 'on' : 'off'),
    stop,
  };
}
