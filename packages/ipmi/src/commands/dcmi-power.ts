// DCMI: power readings and power limits (DCMI 1.5, 6.6).
import type { Connection } from '../connection.ts';
import { CompletionCodeError } from '../errors.ts';
import { type Choice, choices } from './bit-fields.ts';
import { groupRequest, groups } from './group-extension.ts';

export interface PowerReading {
  /** Watts, all four. */
  readonly current: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly average: number;
  /** Seconds of the BMC's clock; see `selTime`. */
  readonly timestamp: number;
  /** Milliseconds over which minimum, maximum and average were taken. */
  readonly periodMilliseconds: number;
  /** Clear: the BMC does not measure at the moment. */
  readonly active: boolean;
}

const systemStatistics = 1;
const enhancedStatistics = 2;

/**
 * Get Power Reading (6.6.1). With a period (a byte of dcmiCapabilities.powerStatistics) the averages are over that; then
 * the timestamp is that of the end of the period.
 */
export async function getPowerReading(connection: Connection, period?: number): Promise<PowerReading> {
  const mode = period === undefined ? systemStatistics : enhancedStatistics;
  const reader = await groupRequest(connection, groups.dcmi, 0x02, 'Get Power Reading', [mode, period ?? 0, 0]);
  return {
    current: reader.u16('current power'),
    minimum: reader.u16('minimum power'),
    maximum: reader.u16('maximum power'),
    average: reader.u16('average power'),
    timestamp: reader.u32('timestamp'),
    periodMilliseconds: reader.u32('reporting period'),
    active: (reader.u8('state') & 0x40) !== 0,
  };
}

/** What the BMC does when the limit cannot be kept within the correction time. */
const exceptionActions = choices({ 0: 'none', 1: 'power off and log', 17: 'log' });

export interface PowerLimit {
  readonly exceptionAction: Choice<(typeof exceptionActions.names)[number]>;
  readonly watts: number;
  readonly correctionMilliseconds: number;
  readonly samplingSeconds: number;
}

const noActiveLimit = 0x80;

/** Get Power Limit (6.6.2); undefined when no limit is set. */
export async function getPowerLimit(connection: Connection): Promise<PowerLimit | undefined> {
  try {
    const reader = await groupRequest(connection, groups.dcmi, 0x03, 'Get Power Limit', [0, 0]);
    reader.skip(2, 'reserved');
    const limit = {
      exceptionAction: exceptionActions.decode(reader.u8('exception action')),
      watts: reader.u16('power limit'),
      correctionMilliseconds: reader.u32('correction time'),
    };
    reader.skip(2, 'reserved');
    return { ...limit, samplingSeconds: reader.u16('sampling period') };
  } catch (error) {
    if (error instanceof CompletionCodeError && error.code === noActiveLimit) return undefined;
    throw error;
  }
}

/** Set Power Limit (6.6.3); it holds once it is activated. */
export async function setPowerLimit(connection: Connection, limit: PowerLimit): Promise<void> {
  const data = Buffer.alloc(14);
  data[3] = exceptionActions.encode(limit.exceptionAction);
  data.writeUInt16LE(limit.watts, 4);
  data.writeUInt32LE(limit.correctionMilliseconds, 6);
  data.writeUInt16LE(limit.samplingSeconds, 12);
  await groupRequest(connection, groups.dcmi, 0x04, 'Set Power Limit', data, { repeatable: true });
}

/** Activate/Deactivate Power Limit (6.6.4). */
export async function activatePowerLimit(connection: Connection, isActive: boolean): Promise<void> {
  const name = 'Activate/Deactivate Power Limit';
  await groupRequest(connection, groups.dcmi, 0x05, name, [isActive ? 1 : 0, 0, 0], { repeatable: true });
}
