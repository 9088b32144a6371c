// Configuration of serial over LAN on a channel (IPMI 2.0, 26.2 and 26.3).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { choices } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';
import { type Parameter, parameter, setInProgress } from './parameter.ts';
import { accessLevels } from './users.ts';

const netFn = networkFunction.transport;

/** Bits a second of the serial port; "serial settings" are those of the serial channel. */
const bitRates = choices({ 0: 'serial settings', 6: '9600', 7: '19200', 8: '38400', 9: '57600', 10: '115200' });

const bitRate = (number: number, name: string) =>
  parameter<ReturnType<typeof bitRates.decode>>(
    number,
    name,
    (reader) => bitRates.decode(reader.u8('bit rate') & 0x0f),
    (rate) => [bitRates.encode(rate)],
  );

/** The parameters of table 26-5. */
export const solParameters = {
  setInProgress,
  enable: parameter(
    1,
    'SOL enable',
    (reader) => (reader.u8('enable') & 1) === 1,
    (isEnabled: boolean) => [isEnabled ? 1 : 0],
  ),
  /** What sessions need for SOL: their privilege level, and whether encryption and authentication are forced. */
  authentication: parameter(
    2,
    'SOL authentication',
    (reader) => {
      const byte = reader.u8('authentication');
      return {
        forceEncryption: (byte & 0x80) !== 0,
        forceAuthentication: (byte & 0x40) !== 0,
        privilege: accessLevels.decode(byte & 0x0f),
      };
    },
    ({ forceEncryption, forceAuthentication, privilege }) => [
      (forceEncryption ? 0x80 : 0) | (forceAuthentication ? 0x40 : 0) | accessLevels.encode(privilege),
    ],
  ),
  /** When the BMC sends: after so many milliseconds (a multiple of 5), or so many characters. */
  accumulation: parameter(
    3,
    'character accumulate interval and send threshold',
    (reader) => ({ intervalMilliseconds: reader.u8('interval') * 5, threshold: reader.u8('threshold') }),
    ({ intervalMilliseconds, threshold }) => [intervalMilliseconds / 5, threshold],
  ),
  /** How often the BMC sends again, and after how many milliseconds (a multiple of 10). */
  retry: parameter(
    4,
    'SOL retry',
    (reader) => ({ count: reader.u8('count') & 7, intervalMilliseconds: reader.u8('interval') * 10 }),
    ({ count, intervalMilliseconds }) => [count, intervalMilliseconds / 10],
  ),
  nonVolatileBitRate: bitRate(5, 'SOL non-volatile bit rate'),
  volatileBitRate: bitRate(6, 'SOL volatile bit rate'),
  payloadChannel: parameter(
    7,
    'SOL payload channel',
    (reader) => reader.u8('channel') & 0x0f,
    (channel) => [channel],
  ),
  payloadPort: parameter(
    8,
    'SOL payload port',
    (reader) => reader.u16('port'),
    (port) => [port & 0xff, port >> 8],
  ),
} as const;

/** Get SOL Configuration Parameters (26.3). Completion code 0x80: the BMC lacks the parameter. */
export async function getSolParameter<Value>(
  connection: Connection,
  channel: number,
  solParameter: Parameter<Value>,
): Promise<Value> {
  const data = Uint8Array.of(channel, solParameter.number, 0, 0);
  const answer = await connection.request({ netFn, command: 0x22, data });
  const reader = new FieldReader(answer, 'Get SOL Configuration Parameters');
  reader.u8('parameter revision');
  return solParameter.decode(reader.rest());
}

/** Set SOL Configuration Parameters (26.2). Completion code 0x82: the parameter can only be read. */
export async function setSolParameter<Value>(
  connection: Connection,
  channel: number,
  solParameter: Parameter<Value>,
  value: Value,
): Promise<void> {
  const data = Uint8Array.of(channel, solParameter.number, ...solParameter.encode(value));
  await connection.request({ netFn, command: 0x21, data }, { repeatable: true });
}
