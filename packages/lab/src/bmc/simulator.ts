// A real IPMI BMC for a machine: OpenIPMI's ipmi_sim with its configuration, started, stopped and hung on demand.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { labPaths, machinePaths } from '../lab/paths.ts';
import type { LabRecord, MachineRecord } from '../lab/record.ts';
import { pollUntil } from '../process/poll.ts';
import { emulatorCommands } from './emulator-commands.ts';
import { lanConfiguration } from './lan-configuration.ts';
import { answersPing } from './presence-ping.ts';

export type BmcState = 'running' | 'stopped' | 'hung';

export interface Bmc {
  state(): BmcState;
  pid(): number | undefined;
  /** Starts it, or lets a hung one go on; returns when it answers. */
  start(): Promise<void>;
  /** Takes it off the network: its port is closed. */
  stop(): Promise<void>;
  /** It keeps its port and answers nothing: requests vanish, as with a dead management network. */
  hang(): void;
}

const simulatorProgram = 'ipmi_sim';
const startDeadlineSeconds = 15;
const chassisProgram = fileURLToPath(new URL('./chassis-program.ts', import.meta.url));

/** The lan.conf of a machine's BMC. */
function simulatorConfiguration(lab: LabRecord, machine: MachineRecord, password: string): string {
  const { bmc, internalPorts } = machine;
  const program = (kind: 'chassis' | 'lan') => [
    process.execPath,
    chassisProgram,
    lab.controlSocket,
    machine.name,
    kind,
  ];
  return lanConfiguration({
    name: machine.name,
    address: bmc.address,
    port: bmc.port,
    guid: machine.uuid.replaceAll('-', ''),
    lanProgram: program('lan'),
    chassisProgram: program('chassis'),
    lines: [
      `serial 15 127.0.0.1 ${internalPorts.systemInterface} codec VM`,
      `sol "telnet:127.0.0.1:${internalPorts.serialConsole}" 115200 history=4000`,
    ],
    users: [{ id: 2, name: bmc.username, password, privilege: 'admin' }],
  });
}

/** Makes the BMC of a machine; it does not run yet. `onProcessesChanged` is called when its process starts or ends. */
export function createBmc(
  lab: LabRecord,
  machine: MachineRecord,
  log: (line: string) => void,
  onProcessesChanged: () => void,
): Bmc {
  const files = machinePaths(lab.directory, machine.name);
  let child: ChildProcess | undefined;
  let hung = false;

  const spawnSimulator = () => {
    mkdirSync(files.bmcState, { recursive: true });
    const password = readFileSync(machine.bmc.passwordFile, 'utf8').trim();
    writeFileSync(files.bmcConfiguration, simulatorConfiguration(lab, machine, password), { mode: 0o600 });
    writeFileSync(files.bmcCommands, emulatorCommands());
    const output = openSync(files.bmcLog, 'a');
    const started = spawn(
      simulatorProgram,
      ['-c', files.bmcConfiguration, '-f', files.bmcCommands, '-s', files.bmcState, '-n'],
      {
        stdio: ['ignore', output, output],
        // The chassis program runs for each power request; without its compile cache it would take three times as long.
        env: { ...process.env, NODE_COMPILE_CACHE: labPaths(lab.directory).compileCache },
      },
    );
    closeSync(output);
    const ended = (how: string) => {
      log(`BMC ${machine.name}: ${simulatorProgram} ${how}`);
      if (child !== started) return;
      child = undefined;
      hung = false;
      onProcessesChanged();
    };
    started.once('error', (error) => ended(`could not be started: ${error.message}`));
    started.once('exit', (code, signal) => ended(`ended (${signal ?? `code ${code}`})`));
    child = started;
    onProcessesChanged();
  };

  return {
    state: () => (child === undefined ? 'stopped' : hung ? 'hung' : 'running'),
    pid: () => child?.pid,
    async start() {
      if (child === undefined) spawnSimulator();
      else child.kill('SIGCONT');
      hung = false;
      const { address, port } = machine.bmc;
      const answers = await pollUntil(
        async () => child === undefined || (await answersPing(address, port)),
        startDeadlineSeconds,
      );
      if (child === undefined || !answers) {
        throw new Error(`BMC ${machine.name} does not answer on ${address}:${port}; its log is ${files.bmcLog}`);
      }
    },
    async stop() {
      const running = child;
      if (running === undefined) return;
      running.kill('SIGKILL');
      if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
    },
    hang() {
      if (child === undefined) throw new Error(`BMC ${machine.name} is stopped and cannot hang`);
      child.kill('SIGSTOP');
      hung = true;
    },
  };
}
