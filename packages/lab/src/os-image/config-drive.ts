// Makes a config drive: the ISO image by which a deployed system learns who it is.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../process/run.ts';

export interface ConfigDriveContent {
  metaData: Record<string, unknown>;
  userData?: string;
}

/** The volume label by which systems find a config drive (OpenStack's config drive format). */
export const configDriveLabel = 'config-2';

/** Writes an ISO 9660 config drive to `path`. */
export async function buildConfigDrive(path: string, content: ConfigDriveContent): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-config-'));
  try {
    const latest = join(directory, 'openstack/latest');
    mkdirSync(latest, { recursive: true });
    writeFileSync(join(latest, 'meta_data.json'), JSON.stringify(content.metaData));
    if (content.userData !== undefined) writeFileSync(join(latest, 'user_data'), content.userData);
    await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', configDriveLabel, '-R', '-J', '-o', path, directory]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
