// LAN configuration of a channel (IPMI 2.0, 23.1 and 23.2).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { FieldReader } from './field-reader.ts';
import type { Parameter } from './parameter.ts';

const netFn = networkFunction.transport;

export { presentChannel } from '../codec/capabilities.ts';

/** Which of several values a parameter has. */
export interface ParameterSelectors {
  readonly set?: number;
  readonly block?: number;
}

/** Get LAN Configuration Parameters (23.2); `lanParameters` has them. Completion code 0x80: the BMC lacks the parameter. */
export async function getLanParameter<Value>(
  connection: Connection,
  channel: number,
  parameter: Parameter<Value>,
  { set = 0, block = 0 }: ParameterSelectors = {},
): Promise<Value> {
  const data = Uint8Array.of(channel, parameter.number, set, block);
  const answer = await connection.request({ netFn, command: 0x02, data });
  const reader = new FieldReader(answer, 'Get LAN Configuration Parameters');
  reader.u8('parameter revision');
  return parameter.decode(reader.rest());
}

/** Set LAN Configuration Parameters (23.1). What the session itself runs over may be lost with it. */
export async function setLanParameter<Value>(
  connection: Connection,
  channel: number,
  parameter: Parameter<Value>,
  value: Value,
): Promise<void> {
  const data = Uint8Array.of(channel, parameter.number, ...parameter.encode(value));
  await connection.request({ netFn, command: 0x01, data }, { repeatable: true });
}
