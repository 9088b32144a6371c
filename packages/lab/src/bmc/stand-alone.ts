// A real IPMI BMC without a machine, for tests of IPMI clients: ipmi_sim on loopback with what it is told to have.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../process/child.ts';
import { pollUntil } from '../process/poll.ts';
import { type EmulatedBmc, emulatorCommands } from './emulator-commands.ts';
import { lanConfiguration, type SimulatedUser } from './lan-configuration.ts';
import { answersPing } from './presence-ping.ts';

const chassisProgram = fileURLToPath(new URL('./chassis-state.sh', import.meta.url));
const startDeadlineSeconds = 15;
const loopback = '127.0.0.1';
const defaultUser: SimulatedUser = { id: 2, name: 'admin', password: 'secret12', privilege: 'admin' };

export interface StandAloneBmcOptions {
  readonly emulated?: EmulatedBmc;
  /** One administrator "admin" with the password "secret12" when absent. */
  readonly users?: readonly SimulatedUser[];
  readonly guid?: string;
}

export interface StandAloneBmc {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** What chassis commands did, by ipmi_sim's names: power ("0" or "1"), boot, reset, shutdown, identify. */
  chassis(name: string): string;
  /** Ends it and deletes its files. */
  stop(): Promise<void>;
}

/** A UDP port on loopback that was free a moment ago. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, loopback);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Starts it, powered off; returns when it answers. Throws with the end of its log when it does not. */
export async function startStandAloneBmc(options: StandAloneBmcOptions = {}): Promise<StandAloneBmc> {
  const { users = [defaultUser], guid = '0123456789abcdef0123456789abcdef' } = options;
  const [user = defaultUser] = users;
  const port = await freeUdpPort();
  const directory = mkdtempSync(join(tmpdir(), 'wb-'));
  const files = {
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
  const configuration = lanConfiguration({
    name: 'stand-alone',
    address: loopback,
    port,
    guid,
    users,
    chassisProgram: [chassisProgram, files.chassis],
  });
  writeFileSync(files.configuration, configuration, { mode: 0o600 });
  writeFileSync(files.commands, emulatorCommands(options.emulated));
  const program = ['-c', files.configuration, '-f', files.commands, '-s', files.state, '-n'];
  const child = startChild('ipmi_sim', 'ipmi_sim', program, files.log);
  const answers = await pollUntil(async () => {
    child.assertRunning();
    return answersPing(loopback, port);
  }, startDeadlineSeconds);
  if (!answers) throw new Error(`ipmi_sim does not answer on port ${port}: ${readFileSync(files.log, 'utf8')}`);
  return {
    address: loopback,
    port,
    username: user.name,
    password: user.password,
    chassis: (name) => readFileSync(join(files.chassis, name), 'utf8').trim(),
    async stop() {
      await child.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
