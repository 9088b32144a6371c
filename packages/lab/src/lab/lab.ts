// A handle on a lab that is up, for tests, the demo and the command line; any process may hold one.
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { resolve } from 'node:path';
import { runInNamespace, spawnInNamespace } from '../network/namespace.ts';
import type { RunOptions, RunResult } from '../process/run.ts';
import type { CleanReport } from './clean.ts';
import { type LabDownOptions, labDown } from './down.ts';
import { createMachineHandle, type MachineHandle } from './machine-handle.ts';
import { type LabRecord, readLabRecord } from './record.ts';
import { type LabStatus, labStatus } from './status.ts';

export interface Lab {
  record: LabRecord;
  directory: string;
  machines: MachineHandle[];
  /** Throws when there is no machine of this name. */
  machine(name: string): MachineHandle;
  status(): Promise<LabStatus>;
  /** Runs a program inside the namespace to its end; throws ProgramError unless it ends with code 0. */
  run(file: string, args: string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a program inside the namespace; labDown ends it when it still runs then. */
  spawn(file: string, args: string[], options?: SpawnOptions): ChildProcess;
  down(options?: Omit<LabDownOptions, 'directory'>): Promise<CleanReport>;
}

/** Opens the lab in a directory. Throws when lab.json is not there. */
export function openLab(labDirectory: string): Lab {
  const directory = resolve(labDirectory);
  const record = readLabRecord(directory);
  if (record === undefined) throw new Error(`there is no lab in ${directory}; bring one up first (wrought lab up)`);
  const machines = record.machines.map((machine) => createMachineHandle(record, machine));
  return {
    record,
    directory,
    machines,
    machine(name) {
      const found = machines.find((machine) => machine.record.name === name);
      if (found === undefined) {
        const names = machines.map((machine) => machine.record.name).join(', ');
        throw new Error(`the lab in ${directory} has no machine "${name}", only ${names}`);
      }
      return found;
    },
    status: () => labStatus({ directory }),
    run: (file, args, options) => runInNamespace(record.namespace, file, args, options),
    spawn: (file, args, options) => spawnInNamespace(record.namespace, file, args, options),
    down: (options = {}) => labDown({ directory, ...options }),
  };
}
