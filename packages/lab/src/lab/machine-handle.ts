// A handle on one machine of a lab: its BMC, its serial line, its disks and its faults.
import { readFileSync, statSync } from 'node:fs';
import type { MachineFaults } from '../machine/machine.ts';
import { runInNamespace } from '../network/namespace.ts';
import { run } from '../process/run.ts';
import { followMilestones, type MilestoneFollower } from '../serial/follow-milestones.ts';
import type { Milestone } from '../serial/milestones.ts';
import { type SerialMatch, type SerialWaitOptions, waitForSerial } from '../serial/wait.ts';
import { askStatus, askSupervisor } from '../supervisor/client.ts';
import type { SupervisedMachine } from '../supervisor/protocol.ts';
import type { LabRecord, MachineRecord } from './record.ts';

export interface MachineHandle {
  record: MachineRecord;
  status(): Promise<SupervisedMachine>;
  /** The BMC's password. */
  password(): string;
  /**
   * Runs `ipmitool -I lanplus -C 3` against the BMC, from inside the namespace, and returns what it printed.
   * Throws ProgramError with ipmitool's words when it fails.
   */
  ipmitool(args: string[]): Promise<string>;
  /** Faults of the BMC itself: off the network (port closed), or silent (port open, no answer). */
  bmc: { start(): Promise<void>; stop(): Promise<void>; hang(): Promise<void> };
  setFaults(faults: Partial<MachineFaults>): Promise<void>;
  /** Waits until all power and boot device commands so far have been carried out. */
  settled(): Promise<void>;
  /** The length of the serial log now, in bytes; what comes later lies behind it. */
  serialOffset(): number;
  /** Waits for a line on the serial console. Throws with the last lines when the deadline passes. */
  waitForSerial(pattern: RegExp, options: SerialWaitOptions): Promise<SerialMatch>;
  /** Reports boot milestones as they appear, until it is closed. */
  followMilestones(onMilestone: (milestone: Milestone) => void, fromOffset?: number): MilestoneFollower;
  /** Writes what the display shows to a PNG file. */
  screenshot(path: string): Promise<void>;
  /** Overwrites the start of a disk with an image (raw or qcow2); the machine must be off. */
  writeDisk(number: number, imagePath: string, format: 'raw' | 'qcow2'): Promise<void>;
}

export function createMachineHandle(lab: LabRecord, record: MachineRecord): MachineHandle {
  const machine = record.name;
  const ask = (request: Parameters<typeof askSupervisor>[1]) => askSupervisor(lab.controlSocket, request);
  const tellBmc = (to: 'start' | 'stop' | 'hang') => async () => {
    await ask({ action: 'bmc', machine, to });
  };

  const status = async (): Promise<SupervisedMachine> => {
    const found = (await askStatus(lab.controlSocket)).machines.find((candidate) => candidate.name === machine);
    if (found === undefined) throw new Error(`the lab's supervisor does not know machine ${machine}`);
    return found;
  };

  return {
    record,
    status,
    password: () => readFileSync(record.bmc.passwordFile, 'utf8'),
    async ipmitool(args) {
      const { address, port, username, passwordFile } = record.bmc;
      const target = ['-H', address, '-p', String(port), '-U', username, '-f', passwordFile];
      const result = await runInNamespace(lab.namespace, 'ipmitool', ['-I', 'lanplus', '-C', '3', ...target, ...args]);
      return result.stdout;
    },
    bmc: { start: tellBmc('start'), stop: tellBmc('stop'), hang: tellBmc('hang') },
    async setFaults(faults) {
      await ask({ action: 'faults', machine, faults });
    },
    async settled() {
      await ask({ action: 'settle', machine });
    },
    serialOffset: () => statSync(record.serialLog).size,
    waitForSerial: (pattern, options) => waitForSerial(record.serialLog, pattern, options),
    followMilestones: (onMilestone, fromOffset = 0) => followMilestones(record.serialLog, onMilestone, fromOffset),
    async screenshot(path) {
      await ask({ action: 'screenshot', machine, path });
    },
    async writeDisk(number, imagePath, format) {
      const disk = record.disks[number];
      if (disk === undefined) throw new Error(`machine ${machine} has no disk ${number}`);
      if ((await status()).power === 'on') throw new Error(`machine ${machine} is powered on; its disks are in use`);
      await run('qemu-img', ['convert', '-n', '-f', format, '-O', 'raw', imagePath, disk.path]);
    },
  };
}
