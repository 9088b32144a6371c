// Lines that the lab itself puts into a serial log, so that one file tells the whole story of a machine.

const prefix = '=== wrought lab:';

/** Written before each power-on. */
export function powerOnMarker(): string {
  return `${prefix} power on at ${new Date().toISOString()} ===`;
}

/** Written at each reset; `byGuest` when the system itself asked for it. */
export function resetMarker(byGuest: boolean): string {
  return `${prefix} reset by ${byGuest ? 'the system' : 'the BMC'} ===`;
}

export const powerOnPattern = /^=== wrought lab: power on at /;
export const resetPattern = /^=== wrought lab: reset by (.+) ===$/;
