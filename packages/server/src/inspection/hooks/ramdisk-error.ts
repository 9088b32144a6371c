// Fails the inspection when the ramdisk itself says that it failed.
import { InspectionFailure, type InspectionHook } from './hook.ts';

export const ramdiskError: InspectionHook = ({ pluginData }, found) => {
  const { error } = pluginData;
  if (error !== undefined && error !== null && error !== '') {
    throw new InspectionFailure(
      `The ramdisk reported an error: ${typeof error === 'string' ? error : JSON.stringify(error)}`,
    );
  }
  return found;
};
