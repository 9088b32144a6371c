// Chassis commands: status, control, identify, boot options, power restore policy (IPMI 2.0, section 28).
import { chassisControls, encodeChassisStatus, powerRestorePolicies } from '@wrought/ipmi';
import { bmcAddress } from '@wrought/ipmi/codec';
import { type Chassis, type RestorePolicy, restartCause } from '../chassis.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';

const capabilities = Uint8Array.of(0x05, bmcAddress, bmcAddress, bmcAddress, bmcAddress, bmcAddress);
const clear = { acFailed: false, overload: false, interlock: false, powerFault: false };
const buttonsThatMayBeDisabled = 0xf0;
const defaultIdentifySeconds = 15;
const noPolicyChange = 3;
const allPolicies = 0x07;
const lanChannel = 1;
const parameterVersion = 1;
const minutesPerCount = 60;

function status({ bmc: { chassis } }: CommandContext): Answer {
  const bytes = encodeChassisStatus({
    ...{ powerOn: chassis.power === 'on', overload: false, interlock: false },
    ...{ powerFault: false, powerControlFault: false },
    powerRestorePolicy: powerRestorePolicies.decode(chassis.restorePolicy),
    lastPowerEvent: { ...clear, byIpmiCommand: chassis.poweredByCommand },
    ...{ intrusion: false, frontPanelLockout: false, driveFault: false, coolingFault: false },
    identify: chassis.identifyState,
    frontPanelButtons: undefined,
  });
  return Buffer.concat([bytes, Uint8Array.of(buttonsThatMayBeDisabled | chassis.disabledButtons)]);
}

const { chassisControl } = restartCause;

function powerCycle(chassis: Chassis): number {
  if (chassis.power === 'off') return completion.notInThisState;
  chassis.setPower('off', chassisControl);
  chassis.setPower('on', chassisControl);
  return completion.ok;
}

const controls: Readonly<Record<(typeof chassisControls.names)[number], (chassis: Chassis) => number>> = {
  'power down': (chassis) => {
    chassis.setPower('off', chassisControl);
    return completion.ok;
  },
  'power up': (chassis) => {
    chassis.setPower('on', chassisControl);
    return completion.ok;
  },
  'power cycle': powerCycle,
  'hard reset': (chassis) => {
    if (chassis.power === 'off') return completion.notInThisState;
    chassis.reset(chassisControl);
    return completion.ok;
  },
  'pulse diagnostic interrupt': (chassis) => {
    if (chassis.power === 'off') return completion.notInThisState;
    chassis.diagnosticInterrupt();
    return completion.ok;
  },
  // The operating system of a simulated machine does as it is asked.
  'soft shutdown': (chassis) => {
    chassis.setPower('off', chassisControl);
    return completion.ok;
  },
};

function control({ bmc: { chassis }, data }: CommandContext): Answer {
  const name = chassisControls.decode((data[0] ?? 0) & 0x0f);
  if (typeof name === 'number') return completion.invalidField;
  chassis.bootOptions.chassisCommand();
  return controls[name](chassis);
}

function identify({ bmc: { chassis }, data: [seconds, forceOn] }: CommandContext): Answer {
  chassis.identify(((forceOn ?? 0) & 1) === 1 ? 'on' : (seconds ?? defaultIdentifySeconds));
  return completion.ok;
}

function setPolicy({ bmc: { chassis }, data: [wanted = noPolicyChange] }: CommandContext): Answer {
  const policy = wanted & 0x07;
  if (policy > noPolicyChange) return completion.invalidField;
  if (policy !== noPolicyChange) chassis.restorePolicy = policy as RestorePolicy;
  return Uint8Array.of(allPolicies);
}

function getBootOption({ bmc, data: [parameter = 0, set = 0] }: CommandContext): Answer {
  const bytes = bmc.chassis.bootOptions.get(parameter & 0x7f, set);
  if (typeof bytes === 'number') return bytes;
  return Buffer.concat([Uint8Array.of(parameterVersion, parameter & 0x7f), bytes]);
}

function powerOnHours({ bmc }: CommandContext): Answer {
  const bytes = Buffer.alloc(5, minutesPerCount);
  bytes.writeUInt32LE(Math.floor(bmc.chassis.powerOnMinutes / minutesPerCount), 1);
  return bytes;
}

export const chassisCommands: CommandTable = {
  0: command('user', 0, () => capabilities),
  1: command('user', 0, status),
  2: command('operator', 1, control),
  4: command('operator', 0, identify),
  6: command('operator', 1, setPolicy),
  7: command('user', 0, ({ bmc }) => Uint8Array.of(bmc.chassis.restartCause, lanChannel)),
  8: command('operator', 1, ({ bmc, data }) => bmc.chassis.bootOptions.set((data[0] ?? 0) & 0x7f, data.subarray(1))),
  9: command('operator', 3, getBootOption),
  10: command('administrator', 1, ({ bmc, data: [disabled = 0] }) => {
    bmc.chassis.disabledButtons = disabled & 0x0f;
    return completion.ok;
  }),
  // Set Power Cycle Interval: a simulated machine needs no time without power.
  11: command('administrator', 1, () => completion.ok),
  15: command('user', 0, powerOnHours),
};
