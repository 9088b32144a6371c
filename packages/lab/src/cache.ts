// Where the lab keeps what is worth keeping between labs: downloaded packages, the OS image, the probe's result.
import { fileURLToPath } from 'node:url';

/** `.cache` at the root of the repository, which git ignores. */
export function defaultCacheDirectory(): string {
  return fileURLToPath(new URL('../../../.cache', import.meta.url));
}
