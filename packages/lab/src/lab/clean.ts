// Undoes what a lab made, however it ended: processes, namespace, sockets and machine files.
import { rmSync } from 'node:fs';
import { deleteNamespace, namespaceInode, namespaceProcesses } from '../network/namespace.ts';
import { endProcesses } from '../process/end.ts';
import { type ProcessIdentity, readBootId } from '../process/identity.ts';
import { labPaths } from './paths.ts';
import { type LabState, readLabState } from './record.ts';

export interface CleanReport {
  /** Processes that still ran and were ended. */
  endedProcesses: ProcessIdentity[];
  namespaceDeleted: boolean;
}

/** Whether the namespace is the one that the lab made, not a later one of the same name. */
function ownsNamespace(state: LabState): boolean {
  const inode = namespaceInode(state.namespace);
  if (inode === undefined) return false;
  // Without an inode on record the lab died while it made the namespace, which did not exist before.
  return state.namespaceInode === undefined || state.namespaceInode === inode;
}

/** Removes the lab's files but its logs. */
export function removeLabFiles(directory: string): void {
  const paths = labPaths(directory);
  for (const path of [
    paths.controlSocket,
    paths.machines,
    paths.switch,
    paths.compileCache,
    paths.record,
    paths.state,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Ends every process of the lab that still is the recorded one, then whatever else runs in its namespace, and deletes
 * the namespace. After a reboot of the host only files are left, and no recorded pid is looked at.
 */
export async function cleanLab(directory: string): Promise<CleanReport> {
  const report: CleanReport = { endedProcesses: [], namespaceDeleted: false };
  const state = readLabState(directory);
  if (state !== undefined && state.bootId === readBootId()) {
    // The supervisor first: it ends its children, and cannot start new ones afterwards.
    const [supervisor, ...children] = state.processes;
    if (supervisor !== undefined) await end([supervisor]);
    await end(children);
    if (ownsNamespace(state)) {
      await end((await namespaceProcesses(state.namespace)).filter(({ pid }) => pid !== process.pid));
      await deleteNamespace(state.namespace);
      report.namespaceDeleted = true;
    }
  }
  removeLabFiles(directory);
  return report;

  async function end(identities: ProcessIdentity[]): Promise<void> {
    report.endedProcesses.push(...(await endProcesses(identities)));
  }
}
