// Says where the data directory is when nobody names one.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** $WROUGHT_DATA_DIR, else /var/lib/wrought for root, else ~/.local/share/wrought. */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.WROUGHT_DATA_DIR;
  if (named !== undefined && named !== '') {
    return resolve(named);
  }
  return process.getuid?.() === 0 ? '/var/lib/wrought' : join(homedir(), '.local', 'share', 'wrought');
}
