// Get DCMI Capabilities Info: which parts of the Data Center Manageability Interface a BMC has (DCMI 1.5, 6.1).
import type { Connection } from '../connection.ts';
import { flags } from './bit-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { groupRequest, groups } from './group-extension.ts';

const managementAccess = flags({ systemInterface: 0, serialTerminalMode: 1, secondaryLan: 2 });
const secondsAUnit = [1, 60, 3600, 86_400] as const;
const noChannel = 0xff;

/** A byte of unit and duration, in seconds. */
export function decodePeriod(byte: number): number {
  return (byte & 0x3f) * (secondsAUnit[byte >> 6] ?? 1);
}

const channelOf = (byte: number) => (byte === noChannel ? undefined : byte & 0x0f);

/** What each parameter tells. */
export const dcmiCapabilities = {
  supported: {
    number: 1,
    decode(reader: FieldReader) {
      reader.skip(1, 'reserved');
      return {
        powerManagement: (reader.u8('platform capabilities') & 1) === 1,
        access: managementAccess.decode(reader.u8('management access')),
      };
    },
  },
  mandatory: {
    number: 2,
    decode(reader: FieldReader) {
      const sel = reader.u16('SEL attributes');
      reader.skip(2, 'reserved');
      return {
        selEntries: sel & 0x0fff,
        /** The oldest events go when the log is full. */
        selRollover: (sel & 0x8000) !== 0,
        selFlushedWhole: (sel & 0x4000) !== 0,
        selFlushedByRecord: (sel & 0x2000) !== 0,
        temperatureSamplingSeconds: reader.u8('temperature sampling'),
      };
    },
  },
  /** The controller that manages power. */
  powerManagement: {
    number: 3,
    decode(reader: FieldReader) {
      const address = reader.u8('device address');
      const channel = reader.u8('channel and revision');
      return { address: address & 0xfe, channel: channel >> 4, revision: channel & 0x0f };
    },
  },
  /** Channels, undefined for those that the BMC lacks. */
  channels: {
    number: 4,
    decode: (reader: FieldReader) => ({
      primaryLan: channelOf(reader.u8('primary LAN channel')),
      secondaryLan: channelOf(reader.u8('secondary LAN channel')),
      serial: channelOf(reader.u8('serial channel')),
    }),
  },
  /** Periods in seconds over which the BMC keeps averages; the bytes are what getPowerReading takes. */
  powerStatistics: {
    number: 5,
    decode(reader: FieldReader) {
      const periods = [...reader.take(reader.u8('period count'), 'periods')];
      return periods.map((byte) => ({ byte, seconds: decodePeriod(byte) }));
    },
  },
} as const;

/** The version that the BMC conforms to, "1.5", and what the parameter tells. */
export async function getDcmiCapabilities<Value>(
  connection: Connection,
  capability: { readonly number: number; decode(reader: FieldReader): Value },
): Promise<{ readonly version: string; readonly value: Value }> {
  const name = 'Get DCMI Capabilities Info';
  const reader = await groupRequest(connection, groups.dcmi, 0x01, name, [capability.number]);
  const version = `${reader.u8('major version')}.${reader.u8('minor version')}`;
  reader.u8('parameter revision');
  return { version, value: capability.decode(reader) };
}
