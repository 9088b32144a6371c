// Chassis commands: power, identify, power restore policy, restart cause, power-on hours (IPMI 2.0, section 28).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { type Choice, choices, flags } from './bit-fields.ts';
import {
  type ChassisStatus,
  decodeChassisStatus,
  type PowerRestorePolicy,
  powerRestorePolicies,
} from './chassis-status.ts';
import { FieldReader } from './field-reader.ts';

const netFn = networkFunction.chassis;

const capabilityFlags = flags({ intrusion: 0, frontPanelLockout: 1, diagnosticInterrupt: 2, powerInterlock: 3 });

/** Get Chassis Capabilities (28.1): what the chassis can do, and the IPMB addresses of its devices. */
export async function getChassisCapabilities(connection: Connection) {
  const reader = new FieldReader(await connection.request({ netFn, command: 0x00 }), 'Get Chassis Capabilities');
  return {
    ...capabilityFlags.decode(reader.u8('capabilities flags')),
    fruDeviceAddress: reader.u8('FRU device address'),
    sdrDeviceAddress: reader.u8('SDR device address'),
    selDeviceAddress: reader.u8('SEL device address'),
    systemManagementDeviceAddress: reader.u8('system management device address'),
    /** Absent means the BMC itself. */
    bridgeDeviceAddress: reader.optionalU8() ?? 0x20,
  };
}

/** Get Chassis Status (28.2). */
export async function getChassisStatus(connection: Connection): Promise<ChassisStatus> {
  return decodeChassisStatus(await connection.request({ netFn, command: 0x01 }));
}

export const chassisControls = choices({
  0: 'power down',
  1: 'power up',
  2: 'power cycle',
  3: 'hard reset',
  4: 'pulse diagnostic interrupt',
  5: 'soft shutdown',
});
export type ChassisControl = (typeof chassisControls.names)[number];

/**
 * Chassis Control (28.3). "power down" takes the power away at once, "soft shutdown" asks the operating system,
 * "pulse diagnostic interrupt" is the NMI. The BMC answers when it has accepted, not when it is done. Only switching on,
 * off and shutting down may be carried out twice, the others are not sent again after a lost session.
 */
export async function chassisControl(connection: Connection, control: ChassisControl): Promise<void> {
  const repeatable = control === 'power up' || control === 'power down' || control === 'soft shutdown';
  const data = Uint8Array.of(chassisControls.encode(control));
  await connection.request({ netFn, command: 0x02, data }, { repeatable });
}

/**
 * Chassis Identify (28.5): lights the identify LED for so many seconds (0 to 255; 0 switches it off), or until told
 * otherwise. Without `identify` the BMC takes its default, 15 s.
 */
export async function chassisIdentify(connection: Connection, identify?: number | 'on'): Promise<void> {
  if (typeof identify === 'number' && !(Number.isInteger(identify) && identify >= 0 && identify <= 255)) {
    throw new RangeError(`identify for ${identify} s: 0 to 255 whole seconds, or "on", are allowed`);
  }
  const bytes = identify === undefined ? [] : identify === 'on' ? [0, 1] : [identify];
  await connection.request({ netFn, command: 0x04, data: Uint8Array.from(bytes) }, { repeatable: true });
}

const disabledButtons = flags({ powerOff: 0, reset: 1, diagnosticInterrupt: 2, standby: 3 });

/** Set Front Panel Enables (28.6): disables the buttons that are named and enables the others. */
export async function setFrontPanelEnables(
  connection: Connection,
  disabled: Parameters<typeof disabledButtons.encode>[0],
): Promise<void> {
  const data = Uint8Array.of(disabledButtons.encode(disabled));
  await connection.request({ netFn, command: 0x0a, data }, { repeatable: true });
}

const noChange = 3;
const policySupport = flags({ 'always off': 0, previous: 1, 'always on': 2 });

/** Set Power Restore Policy (28.8). Returns which policies the BMC supports; without a policy nothing is changed. */
export async function setPowerRestorePolicy(connection: Connection, policy?: Exclude<PowerRestorePolicy, 'unknown'>) {
  const data = Uint8Array.of(policy === undefined ? noChange : powerRestorePolicies.encode(policy));
  const answer = await connection.request({ netFn, command: 0x06, data }, { repeatable: true });
  return policySupport.decode(new FieldReader(answer, 'Set Power Restore Policy').u8('supported policies'));
}

/** Set Power Cycle Interval (28.9): seconds without power in a power cycle, 0 to 255. */
export async function setPowerCycleInterval(connection: Connection, seconds: number): Promise<void> {
  await connection.request({ netFn, command: 0x0b, data: Uint8Array.of(seconds) }, { repeatable: true });
}

/** Causes of a restart, also in events of the sensor type System Boot Initiated. */
export const restartCauses = choices({
  0: 'unknown',
  1: 'Chassis Control command',
  2: 'reset button',
  3: 'power button',
  4: 'watchdog expired',
  5: 'OEM',
  6: 'power restored, policy always on',
  7: 'power restored, policy previous',
  8: 'reset by platform event filter',
  9: 'power cycle by platform event filter',
  10: 'soft reset',
  11: 'wake-up by real-time clock',
});
export type RestartCause = (typeof restartCauses.names)[number];

/** Get System Restart Cause (28.11), and the channel over which the command came. */
export async function getSystemRestartCause(
  connection: Connection,
): Promise<{ readonly cause: Choice<RestartCause>; readonly channel: number }> {
  const reader = new FieldReader(await connection.request({ netFn, command: 0x07 }), 'Get System Restart Cause');
  return { cause: restartCauses.decode(reader.u8('restart cause') & 0x0f), channel: reader.u8('channel number') };
}

/** Get POH Counter (28.14): the time that the machine was on, in minutes. */
export async function getPohCounter(connection: Connection): Promise<{ readonly minutes: number }> {
  const reader = new FieldReader(await connection.request({ netFn, command: 0x0f }), 'Get POH Counter');
  const minutesPerCount = reader.u8('minutes per count');
  return { minutes: minutesPerCount * reader.u32('counter') };
}
