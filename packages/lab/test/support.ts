// Makes labs for tests, in short temporary directories, and looks for what they leave behind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lab, type LabOptions, labDown, labUp } from '../src/index.ts';

export interface TestLab {
  lab: Lab;
  /** Takes the lab down and deletes its directory. */
  remove(): Promise<void>;
}

/** A new directory for one test, and its removal with whatever lab is in it. */
export function makeLabDirectory(): { directory: string; remove(): Promise<void> } {
  const directory = mkdtempSync(join(tmpdir(), 'wl-'));
  return {
    directory,
    async remove() {
      await labDown({ directory });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Brings a lab up in a new directory; the directory goes when that fails. */
export async function bringUp(options: Omit<LabOptions, 'directory'>): Promise<TestLab> {
  const { directory, remove } = makeLabDirectory();
  try {
    return { lab: await labUp({ ...options, directory }), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
