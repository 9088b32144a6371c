// The watchdog timer of the BMC (IPMI 2.0, section 27).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { type Choice, choices, flags } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';

const netFn = networkFunction.application;

/** Who uses the timer. */
export const watchdogTimerUses = choices({ 1: 'BIOS FRB2', 2: 'BIOS/POST', 3: 'OS load', 4: 'SMS/OS', 5: 'OEM' });
/** What happens shortly before it expires. */
export const watchdogPreTimeoutInterrupts = choices({ 0: 'none', 1: 'SMI', 2: 'NMI', 3: 'messaging interrupt' });
/** What happens when it expires. */
export const watchdogActions = choices({ 0: 'none', 1: 'hard reset', 2: 'power down', 3: 'power cycle' });

const expirationFlags = flags({ biosFrb2: 1, biosPost: 2, osLoad: 3, smsOs: 4, oem: 5 });

export interface WatchdogSettings {
  readonly use: Choice<(typeof watchdogTimerUses.names)[number]>;
  /** Expiration writes nothing to the system event log. */
  readonly doNotLog: boolean;
  /** In Get: the timer runs. In Set: a running timer goes on with the new values; clear stops it. */
  readonly running: boolean;
  readonly action: Choice<(typeof watchdogActions.names)[number]>;
  readonly preTimeoutInterrupt: Choice<(typeof watchdogPreTimeoutInterrupts.names)[number]>;
  /** Seconds between the pre-timeout interrupt and the expiration. */
  readonly preTimeoutSeconds: number;
  /** In Get: which uses of the timer have expired. In Set: those whose flag is cleared. */
  readonly expired: Readonly<Partial<ReturnType<typeof expirationFlags.decode>>>;
  /** Tenths of a second from the start to the expiration, 0 to 65535. */
  readonly initialCountdown: number;
}

export interface WatchdogTimer extends WatchdogSettings {
  readonly expired: ReturnType<typeof expirationFlags.decode>;
  /** Tenths of a second until it expires, the initial value while it does not run; undefined where the BMC leaves it out. */
  readonly presentCountdown: number | undefined;
}

export function decodeWatchdogTimer(data: Uint8Array): WatchdogTimer {
  const reader = new FieldReader(data, 'Get Watchdog Timer');
  const use = reader.u8('timer use');
  const actions = reader.u8('timer actions');
  return {
    use: watchdogTimerUses.decode(use & 7),
    doNotLog: (use & 0x80) !== 0,
    running: (use & 0x40) !== 0,
    action: watchdogActions.decode(actions & 7),
    preTimeoutInterrupt: watchdogPreTimeoutInterrupts.decode((actions >> 4) & 7),
    preTimeoutSeconds: reader.u8('pre-timeout interval'),
    expired: expirationFlags.decode(reader.u8('expiration flags')),
    initialCountdown: reader.u16('initial countdown'),
    presentCountdown: reader.remaining === 0 ? undefined : reader.u16('present countdown'),
  };
}

/** The request of Set Watchdog Timer, which begins like the answer of Get Watchdog Timer. */
export function encodeWatchdogSettings(settings: WatchdogSettings): Buffer {
  return Buffer.from([
    watchdogTimerUses.encode(settings.use) | (settings.running ? 0x40 : 0) | (settings.doNotLog ? 0x80 : 0),
    watchdogActions.encode(settings.action) | (watchdogPreTimeoutInterrupts.encode(settings.preTimeoutInterrupt) << 4),
    settings.preTimeoutSeconds,
    expirationFlags.encode(settings.expired),
    settings.initialCountdown & 0xff,
    settings.initialCountdown >> 8,
  ]);
}

/** Reset Watchdog Timer (27.5): starts it, or starts it over. Completion code 0x80: it was never set. */
export async function resetWatchdogTimer(connection: Connection): Promise<void> {
  await connection.request({ netFn, command: 0x22 }, { repeatable: true });
}

/** Set Watchdog Timer (27.6): sets it, and stops it unless `running`. */
export async function setWatchdogTimer(connection: Connection, settings: WatchdogSettings): Promise<void> {
  await connection.request({ netFn, command: 0x24, data: encodeWatchdogSettings(settings) }, { repeatable: true });
}

/** Get Watchdog Timer (27.7). */
export async function getWatchdogTimer(connection: Connection): Promise<WatchdogTimer> {
  return decodeWatchdogTimer(await connection.request({ netFn, command: 0x25 }));
}
