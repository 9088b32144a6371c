// One machine as its supervisor sees it: a QEMU process while the power is on, and what has to outlive it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs';
import { machinePaths } from '../lab/paths.ts';
import type { LabRecord, MachineRecord } from '../lab/record.ts';
import { pollUntil } from '../process/poll.ts';
import { powerOnMarker, resetMarker } from '../serial/markers.ts';
import { type BootDevice, bootOrder } from './boot-order.ts';
import { setNextBoot } from './next-boot.ts';
import { qemuArguments, qemuProgram } from './qemu-arguments.ts';
import { connectQmp, type Qmp, type QmpEvent } from './qmp.ts';

/** What can be wrong with a machine on demand. */
export interface MachineFaults {
  /** Power commands are acknowledged and do nothing. */
  powerIgnored: boolean;
  /** The cable is out of every NIC: no network boot, no network in the system. */
  linkDown: boolean;
}

export type PowerState = 'on' | 'off';

export type MachineEvent = 'power on' | 'power off' | 'boot';

export interface MachineStatus {
  power: PowerState;
  bootDevice: BootDevice;
  faults: MachineFaults;
  qemuPid?: number;
  /** Why the last start or command failed, until the next one works. */
  lastError?: string;
}

export interface Machine {
  record: MachineRecord;
  status(): MachineStatus;
  /** Each returns at once; the work is done in order behind it, as a BMC does. */
  powerOn(): void;
  /** Pulls the plug. */
  powerOff(): void;
  /** Throws when the power is off. */
  reset(): void;
  /** Presses the ACPI power button. Throws when the power is off. */
  softOff(): void;
  /** Gives the system an interrupt that can not be masked. Throws when the power is off. */
  interrupt(): void;
  /** Puts an image into a virtual drive, or takes out what is in it; resolves when that is done. */
  setMedium(drive: string, path: string | undefined): Promise<void>;
  /** Calls the listener with what happens to the machine, whoever did it. */
  listen(listener: (event: MachineEvent) => void): void;
  /** Counts from the next reset or power-on, until it is set again. */
  setBootDevice(device: BootDevice): void;
  /** What UEFI firmware downloads and boots, whatever the boot device is; undefined: nothing. Counts for each power-on until it is set again. */
  setBootUri(uri: string | undefined): void;
  setFaults(faults: Partial<MachineFaults>): Promise<void>;
  /** Writes what the display shows to a PNG file. Throws when the power is off. */
  screenshot(path: string): Promise<void>;
  /** Resolves when all work asked for so far is done. */
  settled(): Promise<void>;
}

const qmpConnectDeadlineSeconds = 15;

/** Makes a machine that is powered off. `onProcessesChanged` is called when a QEMU starts or ends. */
export function createMachine(
  lab: LabRecord,
  record: MachineRecord,
  log: (line: string) => void,
  onProcessesChanged: () => void,
): Machine {
  const files = machinePaths(lab.directory, record.name);
  const faults: MachineFaults = { powerIgnored: false, linkDown: false };
  let bootDevice: BootDevice = 'none';
  let bootUri: string | undefined;
  let wanted: PowerState = 'off';
  let qemu: ChildProcess | undefined;
  let qmp: Qmp | undefined;
  let lastError: string | undefined;
  const media = new Map<string, string>();
  const listeners: ((event: MachineEvent) => void)[] = [];
  let queue: Promise<void> = Promise.resolve();

  const enqueue = (what: string, work: () => Promise<void>): Promise<void> => {
    const result = queue.then(work);
    queue = result.then(
      () => {
        lastError = undefined;
      },
      (error: Error) => {
        lastError = `${what}: ${error.message}`;
        log(`machine ${record.name}: ${lastError}`);
      },
    );
    return result;
  };
  /** Work on a running QEMU; that the power goes off in between is no failure. */
  const whilePowered = async (work: (connection: Qmp) => Promise<unknown>) => {
    if (qmp === undefined) return;
    try {
      await work(qmp);
    } catch (error) {
      if (wanted === 'on') throw error;
    }
  };
  /** For commands that a BMC only acknowledges: failures end in lastError. */
  const enqueueUnwatched = (what: string, work: () => Promise<void>): void => {
    enqueue(what, work).catch(() => undefined);
  };

  const tell = (event: MachineEvent) => {
    for (const listener of listeners) listener(event);
  };
  const want = (power: PowerState) => {
    if (power === wanted) return;
    wanted = power;
    tell(power === 'on' ? 'power on' : 'power off');
  };

  const mark = (text: string) => appendFileSync(record.serialLog, `\n${text}\n`);

  const onEvent = (event: QmpEvent) => {
    if (event.event === 'RESET') {
      mark(resetMarker(event.data?.guest === true));
      tell('boot');
    }
    log(`machine ${record.name}: ${event.event} ${JSON.stringify(event.data ?? {})}`);
  };

  const applyLinks = async (connection: Qmp) => {
    for (const nic of record.nics) await connection.execute('set_link', { name: nic.id, up: !faults.linkDown });
  };

  const applyMedium = (connection: Qmp, drive: string) => {
    const path = media.get(drive);
    if (path === undefined) return connection.execute('eject', { id: drive, force: true });
    return connection.execute('blockdev-change-medium', { id: drive, filename: path, format: 'raw', force: true });
  };

  const waitForExit = async (child: ChildProcess) => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };

  const start = async () => {
    if (qemu !== undefined) await waitForExit(qemu);
    if (wanted === 'off') return;
    rmSync(record.qmpSocket, { force: true });
    mark(powerOnMarker());
    if (bootUri !== undefined) setNextBoot(record.variableStore, bootUri);
    const output = openSync(files.qemuLog, 'a');
    const child = spawn(qemuProgram, qemuArguments(lab, record, bootDevice), {
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const ended = (how: string) => {
      log(`machine ${record.name}: ${qemuProgram} ${how}`);
      if (qemu !== child) return;
      qemu = undefined;
      qmp?.close();
      qmp = undefined;
      want('off');
      onProcessesChanged();
    };
    child.once('error', (error) => ended(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => ended(`ended (${signal ?? `code ${code}`})`));
    qemu = child;
    onProcessesChanged();
    const connected = await pollUntil(async () => {
      if (qemu !== child) return true;
      try {
        qmp = await connectQmp(record.qmpSocket, onEvent);
        return true;
      } catch (error) {
        // The socket is not there, or not yet listened to, for the first moments.
        if (['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
        throw error;
      }
    }, qmpConnectDeadlineSeconds);
    if (qemu !== child) {
      // A power-off in between is no failure.
      if (child.signalCode === 'SIGKILL') return;
      throw new Error(`QEMU ended at once; its last words are in ${files.qemuLog}`);
    }
    if (!connected) throw new Error(`no QMP connection to ${record.qmpSocket} in ${qmpConnectDeadlineSeconds} s`);
    await whilePowered(applyLinks);
    for (const drive of media.keys()) await whilePowered((connection) => applyMedium(connection, drive));
    await whilePowered((connection) => connection.execute('cont'));
    if (qemu === child) tell('boot');
  };

  const requirePower = (what: string) => {
    if (wanted === 'off') throw new Error(`${what} is not possible: machine ${record.name} is powered off`);
  };

  return {
    record,
    status: () => ({
      power: wanted,
      bootDevice,
      faults: { ...faults },
      ...(qemu?.pid === undefined ? {} : { qemuPid: qemu.pid }),
      ...(lastError === undefined ? {} : { lastError }),
    }),
    powerOn() {
      if (faults.powerIgnored || wanted === 'on') return;
      want('on');
      enqueueUnwatched('power on', start);
    },
    powerOff() {
      if (faults.powerIgnored) return;
      want('off');
      qmp?.close();
      qmp = undefined;
      // Disk contents that QEMU has acknowledged are with this host's kernel, as they would be on a platter.
      qemu?.kill('SIGKILL');
    },
    reset() {
      requirePower('reset');
      if (faults.powerIgnored) return;
      enqueueUnwatched('reset', () => whilePowered((connection) => connection.execute('system_reset')));
    },
    softOff() {
      requirePower('soft shutdown');
      if (faults.powerIgnored) return;
      enqueueUnwatched('soft shutdown', () => whilePowered((connection) => connection.execute('system_powerdown')));
    },
    interrupt() {
      requirePower('interrupt');
      enqueueUnwatched('interrupt', () => whilePowered((connection) => connection.execute('inject-nmi')));
    },
    setMedium(drive, path) {
      if (record.virtualDrives?.includes(drive) !== true) {
        throw new Error(`machine ${record.name} has no virtual drive "${drive}"`);
      }
      if (path === undefined) media.delete(drive);
      else media.set(drive, path);
      return enqueue(`change medium of ${drive}`, () => whilePowered((connection) => applyMedium(connection, drive)));
    },
    listen: (listener) => listeners.push(listener),
    setBootUri(uri) {
      bootUri = uri;
    },
    setBootDevice(device) {
      bootDevice = device;
      const setOrder = async (connection: Qmp) => {
        // QEMU hands the order to the firmware anew at each reset, also one that the guest asks for.
        const set = (id: string, value: number) =>
          connection.execute('qom-set', { path: `/machine/peripheral/${id}`, property: 'bootindex', value });
        const drives = (record.virtualDrives ?? []).map((id) => ({ id }));
        for (const { id } of [...record.disks, ...record.nics, ...drives]) await set(id, -1);
        for (const [index, id] of bootOrder(record, device).entries()) await set(id, index);
      };
      enqueueUnwatched(`set boot device ${device}`, () => whilePowered(setOrder));
    },
    setFaults(changes) {
      Object.assign(faults, changes);
      return enqueue('set link', () => whilePowered(applyLinks));
    },
    screenshot: (path) =>
      enqueue('screenshot', async () => {
        if (qmp === undefined) throw new Error(`machine ${record.name} is powered off and shows nothing`);
        await qmp.execute('screendump', { filename: path, format: 'png' });
      }),
    settled: () => queue,
  };
}
