// Brings a lab up: namespace, machine files, and the supervisor that stays when the caller ends.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Acceleration, probeAcceleration } from '../acceleration.ts';
import { defaultCacheDirectory } from '../cache.ts';
import { ovmfVariables } from '../machine/qemu-arguments.ts';
import { createNamespace, namespaceCommand, namespaceExists, namespaceInode } from '../network/namespace.ts';
import { identify, readBootId } from '../process/identity.ts';
import { pollUntil } from '../process/poll.ts';
import { askStatus } from '../supervisor/client.ts';
import { startLabSwitch } from '../switch/lab-switch.ts';
import { cleanLab } from './clean.ts';
import { type Lab, openLab } from './lab.ts';
import { type LabOptions, planLab } from './options.ts';
import { checkSocketPath, labPaths } from './paths.ts';
import { type LabRecord, type MachineRecord, readLabRecord, writeLabRecord, writeLabState } from './record.ts';

const supervisorReadyDeadlineSeconds = 30;
const supervisorProgram = fileURLToPath(new URL('../supervisor/main.ts', import.meta.url));

async function isUp(directory: string): Promise<boolean> {
  const record = readLabRecord(directory);
  if (record === undefined) return false;
  try {
    await askStatus(record.controlSocket);
    return true;
  } catch {
    // Nobody answers on the socket: the lab is down or has crashed.
    return false;
  }
}

function makeMachineFiles(machine: MachineRecord): void {
  checkSocketPath(machine.qmpSocket);
  mkdirSync(resolve(machine.bmc.passwordFile, '..'), { recursive: true });
  // ipmi_sim takes passwords of up to 20 bytes.
  writeFileSync(machine.bmc.passwordFile, randomBytes(8).toString('hex'), { mode: 0o600 });
  for (const disk of machine.disks) {
    writeFileSync(disk.path, '');
    truncateSync(disk.path, disk.sizeMiB * 1024 * 1024);
  }
  if (machine.firmware === 'uefi') copyFileSync(ovmfVariables, machine.variableStore);
  // Readers may follow the log before the first power-on.
  writeFileSync(machine.serialLog, '');
}

async function startSupervisor(record: LabRecord): Promise<void> {
  const paths = labPaths(record.directory);
  const output = openSync(paths.supervisorLog, 'a');
  const command = namespaceCommand(record.namespace, process.execPath, [supervisorProgram, record.directory]);
  const child = spawn(command.file, command.args, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  let startError: Error | undefined;
  child.once('error', (error) => {
    startError = error;
  });
  child.unref();
  const pid = child.pid;
  const ready = await pollUntil(async () => {
    if (startError !== undefined) throw startError;
    try {
      return (await askStatus(record.controlSocket)).ready;
    } catch (error) {
      if (pid === undefined || identify(pid) === undefined) {
        const said = readFileSync(paths.supervisorLog, 'utf8').trim().slice(-2000);
        throw new Error(`the lab supervisor ended while it started: ${said}`, { cause: error });
      }
      return false;
    }
  }, supervisorReadyDeadlineSeconds);
  if (!ready) {
    throw new Error(`the BMCs did not answer within ${supervisorReadyDeadlineSeconds} s; see ${paths.supervisorLog}`);
  }
}

async function decideAcceleration(options: LabOptions): Promise<Acceleration> {
  if (options.accelerator !== undefined) return { accelerator: options.accelerator, reason: 'as asked for' };
  return probeAcceleration({
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
    ...(options.log === undefined ? {} : { log: options.log }),
  });
}

/**
 * Brings a lab up in a directory: namespace, bridge, BMCs, and machines that are powered off. It stays up after the
 * caller has ended, until labDown. What a crashed lab left in the directory is cleaned up first.
 * Needs root. Throws when a lab is up there already, and leaves nothing behind when it fails.
 */
export async function labUp(options: LabOptions): Promise<Lab> {
  const directory = resolve(options.directory);
  const paths = labPaths(directory);
  checkSocketPath(paths.controlSocket);
  if (process.getuid?.() !== 0) throw new Error('a lab needs root: it makes a network namespace and tap devices');
  if (await isUp(directory)) {
    throw new Error(`a lab is up in ${directory} already; take it down first (wrought lab down)`);
  }
  await cleanLab(directory);
  const record = planLab({ ...options, directory }, await decideAcceleration(options));
  if (namespaceExists(record.namespace)) {
    throw new Error(
      `network namespace ${record.namespace} exists and ${directory} does not own it; ` +
        'name another one, or delete it with "ip netns delete" when it is of no use',
    );
  }
  mkdirSync(paths.logs, { recursive: true });
  const state = { bootId: readBootId(), namespace: record.namespace, processes: [] };
  writeLabState(directory, state);
  try {
    await createNamespace({
      namespace: record.namespace,
      ipv4: record.ipv4,
      ipv6: record.ipv6,
      bmcAddresses: record.machines.map((machine) => machine.bmc.address),
      taps: record.machines.flatMap((machine) => machine.nics.map((nic) => nic.tap)),
      hasBridge: record.switch === undefined,
    });
    if (record.switch !== undefined) await startLabSwitch(record, record.switch);
    const inode = namespaceInode(record.namespace);
    writeLabState(directory, inode === undefined ? state : { ...state, namespaceInode: inode });
    for (const machine of record.machines) makeMachineFiles(machine);
    writeLabRecord(record);
    await startSupervisor(record);
  } catch (error) {
    await cleanLab(directory);
    throw error;
  }
  return openLab(directory);
}
