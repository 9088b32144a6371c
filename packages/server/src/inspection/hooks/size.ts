// Learns how many processors, how much memory and how large a root disk the machine has.
import { type InspectionHook, numberAt, objectAt } from './hook.ts';

const BYTES_PER_GIB = 2 ** 30;
/** Left free for what a partition table takes. */
const SPACING_GIB = 1;

export const size: InspectionHook = ({ inventory, pluginData }, found) => {
  const cpus = numberAt(objectAt(inventory, 'cpu'), 'count');
  const memory = numberAt(objectAt(inventory, 'memory'), 'physical_mb');
  const disk = numberAt(objectAt(pluginData, 'root_disk'), 'size');
  const gigabytes = disk === undefined ? 0 : Math.floor(disk / BYTES_PER_GIB) - SPACING_GIB;
  return {
    ...found,
    properties: {
      ...found.properties,
      ...(cpus === undefined ? {} : { cpus }),
      ...(memory === undefined ? {} : { memory_mb: memory }),
      ...(gigabytes > 0 ? { local_gb: gigabytes } : {}),
    },
  };
};
