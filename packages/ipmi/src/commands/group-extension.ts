// Requests of group extensions: the first byte of request and answer says whose definition it is (IPMI 2.0, 5.1).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { ProtocolError } from '../errors.ts';
import { FieldReader } from './field-reader.ts';

/** Defining bodies. */
export const groups = { picmg: 0x00, dcmi: 0xdc } as const;

/** Sends a request of a group and reads its answer after the byte that repeats the group. */
export async function groupRequest(
  connection: Connection,
  group: number,
  command: number,
  name: string,
  data: readonly number[] | Uint8Array = [],
  options: { readonly repeatable?: boolean } = {},
): Promise<FieldReader> {
  const request = { netFn: networkFunction.group, command, data: Uint8Array.of(group, ...data) };
  const reader = new FieldReader(await connection.request(request, options), name);
  const answered = reader.u8('group');
  if (answered !== group)
    throw new ProtocolError('bad value', `${name}: group`, 0, `is ${answered} instead of ${group}`);
  return reader;
}
