// Global commands of the management controller: device id, resets, self test, GUIDs (IPMI 2.0, section 20 and 22.14).
import { encodeDeviceId } from '@wrought/ipmi';
import { type CommandTable, command, completion } from './command.ts';

const selfTestPassed = Uint8Array.of(0x55, 0x00);
const acpiPowerStates = { on: 0x00, off: 0x05 } as const;

export const applicationCommands: CommandTable = {
  // Get Device ID
  1: command('user', 0, ({ bmc }) => encodeDeviceId(bmc.settings.make.deviceId)),
  // Cold Reset and Warm Reset: the answer is on its way when the sessions end.
  2: command('administrator', 0, ({ bmc }) => {
    bmc.reset();
    return completion.ok;
  }),
  3: command('administrator', 0, ({ bmc }) => {
    bmc.reset();
    return completion.ok;
  }),
  // Get Self Test Results
  4: command('user', 0, () => selfTestPassed),
  // Get ACPI Power State
  7: command('user', 0, ({ bmc }) => Uint8Array.of(acpiPowerStates[bmc.chassis.power], 0)),
  // Get Device GUID, Get System GUID
  8: command('user', 0, ({ bmc }) => bmc.guid),
  55: command('anyone', 0, ({ bmc }) => bmc.guid),
  // Set and Get BMC Global Enables: no message of these is ever made here, the bits are kept as they are at the start.
  47: command('user', 0, () => Uint8Array.of(0x08)),
};
