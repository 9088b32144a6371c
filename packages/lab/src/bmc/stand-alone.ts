// A real IPMI BMC without a machine, for tests of IPMI clients: ipmi_sim on loopback with what it is told to have.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../process/child.ts';
import { pollUntil } from '../process/poll.ts';
import { type EmulatedBmc, emulatorCommands } from './emulator-commands.ts';
import { lanConfiguration, type SimulatedUser } from './lan-configuration.ts';
import { answersPing } from './presence-ping.ts';

const chassisProgram = fileURLToPath(new URL('./chassis-state.sh', import.meta.url));
const startDeadlineSeconds = 15;
const defaultUser: SimulatedUser = { id: 2, name: 'admin', password: 'secret12', privilege: 'admin' };

export interface StandAloneBmcOptions {
  readonly emulated?: EmulatedBmc;
  /** "127.0.0.1" when absent. */
  readonly host?: '127.0.0.1' | '::1';
  /** One administrator "admin" with the password "secret12" when absent. */
  readonly users?: readonly SimulatedUser[];
  readonly guid?: string;
  readonly bmcKey?: string;
  /** A TCP port on loopback where the serial console is, for serial over LAN. */
  readonly solPort?: number;
}

/** Host, port, user and password of the first user, as clients take them. */
export interface StandAloneBmc {
  readonly host: string;
  readonly port: number;
  readonly userName: string;
  readonly password: string;
  /** What chassis commands did, by ipmi_sim's names: power ("0" or "1"), boot, reset, shutdown, identify. */
  chassis(name: string): string;
  /** Its process hangs: packets vanish, as with a dead management network. */
  hang(): void;
  resume(): void;
  /** Ends the process and starts another: sessions are lost, as when a BMC resets. */
  restart(): Promise<void>;
  /** Ends it and deletes its files. */
  stop(): Promise<void>;
}

/** A UDP port that was free a moment ago. */
async function freeUdpPort(host: string): Promise<number> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4').bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Makes the files of a BMC that is powered off; returns its folder. */
function makeFiles(options: StandAloneBmcOptions, host: string, port: number) {
  const directory = mkdtempSync(join(tmpdir(), 'wb-'));
  const files = {
    directory,
    configuration: join(directory, 'lan.conf'),
    commands: join(directory, 'sim.emu'),
    state: join(directory, 'state'),
    chassis: join(directory, 'chassis'),
    log: join(directory, 'ipmi_sim.log'),
  };
  mkdirSync(files.state);
  mkdirSync(files.chassis);
  writeFileSync(join(files.chassis, 'power'), '0');
  writeFileSync(join(files.chassis, 'boot'), 'none');
  const { users = [defaultUser], guid = '0123456789abcdef0123456789abcdef', bmcKey, solPort } = options;
  const configuration = lanConfiguration({
    name: 'stand-alone',
    address: host,
    port,
    guid,
    users,
    ...(bmcKey === undefined ? {} : { bmcKey }),
    chassisProgram: [chassisProgram, files.chassis],
    lines: solPort === undefined ? [] : [`sol "tcp:127.0.0.1:${solPort}" 115200`],
  });
  writeFileSync(files.configuration, configuration, { mode: 0o600 });
  writeFileSync(files.commands, emulatorCommands(options.emulated));
  return files;
}

/** Starts it; returns when it answers. Throws with the end of its log when it does not. */
export async function startStandAloneBmc(options: StandAloneBmcOptions = {}): Promise<StandAloneBmc> {
  const { host = '127.0.0.1', users: [user = defaultUser] = [] } = options;
  const port = await freeUdpPort(host);
  const files = makeFiles(options, host, port);
  const program = ['-c', files.configuration, '-f', files.commands, '-s', files.state, '-n'];

  async function start(): Promise<Child> {
    const started = startChild('ipmi_sim', 'ipmi_sim', program, files.log);
    const answers = await pollUntil(async () => {
      started.assertRunning();
      return answersPing(host, port);
    }, startDeadlineSeconds);
    if (!answers) throw new Error(`ipmi_sim does not answer on port ${port}: ${readFileSync(files.log, 'utf8')}`);
    return started;
  }

  /** A stopped process acts on its end only once it goes on. */
  async function end(): Promise<void> {
    process.kill(child.pid, 'SIGCONT');
    await child.stop();
  }

  let child = await start();
  return {
    host,
    port,
    userName: user.name,
    password: user.password,
    chassis: (name) => readFileSync(join(files.chassis, name), 'utf8').trim(),
    hang: () => process.kill(child.pid, 'SIGSTOP'),
    resume: () => process.kill(child.pid, 'SIGCONT'),
    async restart() {
      await end();
      child = await start();
    },
    async stop() {
      await end();
      rmSync(files.directory, { recursive: true });
    },
  };
}
