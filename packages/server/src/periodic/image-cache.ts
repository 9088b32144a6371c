// Keeps the cache of kernels, ramdisks and images within its bounds.
import type { FileCache } from '../boot/file-cache.ts';
import type { Config } from '../config/index.ts';
import type { PeriodicTask } from './task.ts';

export function imageCache(cache: FileCache, config: () => Config): PeriodicTask {
  return {
    name: 'image cache',
    everySeconds: config().conductor.cache_clean_up_interval,
    run: () =>
      cache.prune({ maxAgeMinutes: config().image.image_cache_ttl, maxMebibytes: config().image.image_cache_size }),
  };
}
