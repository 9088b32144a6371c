// Learns the CPU architecture.
import { type InspectionHook, objectAt } from './hook.ts';

export const architecture: InspectionHook = ({ inventory }, found) => {
  const { architecture: name } = objectAt(inventory, 'cpu');
  return typeof name === 'string' && name !== ''
    ? { ...found, properties: { ...found.properties, cpu_arch: name } }
    : found;
};
