// Makes the next boot of a machine with UEFI one from a URL (UEFI 2.10, sections 3.1 and 24.7).
import { httpBootOption, writeVariables } from './variable-store.ts';

/** The option that is written anew each time; firmware numbers its own from zero on. */
const option = 0x00f0;

/** Writes it into the variable store of a machine that is off. Throws an Error when the store has no room. */
export function setNextBoot(variableStore: string, uri: string): void {
  const next = Buffer.alloc(2);
  next.writeUInt16LE(option);
  const name = `Boot${option.toString(16).toUpperCase().padStart(4, '0')}`;
  writeVariables(variableStore, { [name]: httpBootOption('HTTP boot of Redfish', uri), BootNext: next });
}
