// The shape that boot options, LAN parameters and SOL parameters share: a number, and how its bytes are read and written.
import { ProtocolError } from '../errors.ts';
import { FieldReader } from './field-reader.ts';

/** A configuration parameter: its number in the specification's table, and its bytes in both directions. */
export interface Parameter<Value> {
  readonly number: number;
  readonly name: string;
  decode(data: Uint8Array): Value;
  encode(value: Value): Uint8Array;
}

/** Describes a parameter; bytes after its fields are reserved for later and passed over. */
export function parameter<Value>(
  number: number,
  name: string,
  decode: (reader: FieldReader) => Value,
  encode: (value: Value) => readonly number[] | Uint8Array,
): Parameter<Value> {
  return {
    number,
    name,
    decode: (data) => decode(new FieldReader(data, name)),
    encode: (value) => Uint8Array.from(encode(value)),
  };
}

/** "Set in progress", parameter 0 of each table: whether somebody writes several parameters that belong together. */
export type SetInProgress = 'set complete' | 'set in progress' | 'commit write';
const setInProgressStates: readonly SetInProgress[] = ['set complete', 'set in progress', 'commit write'];

export const setInProgress: Parameter<SetInProgress> = parameter(
  0,
  'set in progress',
  (reader) => {
    const state = setInProgressStates[reader.u8('state') & 3];
    if (state === undefined) throw new ProtocolError('bad value', 'set in progress', 0, 'state 3 is reserved');
    return state;
  },
  (state) => [setInProgressStates.indexOf(state)],
);

/** Completion codes that the Set commands of all parameter tables share. */
export const parameterCompletionCodes = {
  notSupported: 0x80,
  setInProgressByOther: 0x81,
  readOnly: 0x82,
} as const;
