// Global commands of a management controller: who it is, its self test, resets, GUIDs (IPMI 2.0, section 20 and 22.14).
import { networkFunction } from '../codec/message.ts';
import type { Connection, RequestOptions } from '../connection.ts';
import { flags } from './bit-fields.ts';
import { type DeviceId, decodeDeviceId } from './device-id.ts';
import { FieldReader } from './field-reader.ts';
import { decodeGuid, type Guid } from './guid.ts';

const netFn = networkFunction.application;

/** Get Device ID (20.1). */
export async function getDeviceId(
  connection: Connection,
  options: Pick<RequestOptions, 'signal' | 'timeout'> = {},
): Promise<DeviceId> {
  return decodeDeviceId(await connection.request({ netFn, command: 0x01 }, options));
}

/** Cold Reset (20.2): restarts the management controller; its sessions and most of its state are lost. */
export async function coldReset(connection: Connection): Promise<void> {
  await connection.request({ netFn, command: 0x02 }, { repeatable: false });
}

/** Warm Reset (20.3): restarts the management controller; configuration and state are kept. */
export async function warmReset(connection: Connection): Promise<void> {
  await connection.request({ netFn, command: 0x03 }, { repeatable: false });
}

const failures = flags({
  operationalFirmwareCorrupted: 0,
  bootBlockCorrupted: 1,
  internalUseAreaCorrupted: 2,
  sdrRepositoryEmpty: 3,
  ipmbLinesDead: 4,
  fruInaccessible: 5,
  sdrRepositoryInaccessible: 6,
  selInaccessible: 7,
});

export type SelfTestResult =
  | { readonly result: 'passed' | 'not implemented' }
  | { readonly result: 'corrupted or inaccessible'; readonly failures: ReturnType<typeof failures.decode> }
  /** The code is the manufacturer's. */
  | { readonly result: 'fatal hardware error' | 'device-specific failure'; readonly code: number };

/** Get Self Test Results (20.4). */
export async function getSelfTestResults(connection: Connection): Promise<SelfTestResult> {
  const reader = new FieldReader(await connection.request({ netFn, command: 0x04 }), 'Get Self Test Results');
  const result = reader.u8('result');
  const detail = reader.u8('detail');
  if (result === 0x55) return { result: 'passed' };
  if (result === 0x56) return { result: 'not implemented' };
  if (result === 0x57) return { result: 'corrupted or inaccessible', failures: failures.decode(detail) };
  if (result === 0x58) return { result: 'fatal hardware error', code: detail };
  return { result: 'device-specific failure', code: (result << 8) | detail };
}

const guidLength = 16;

/** Get Device GUID (20.8): the management controller's own. */
export async function getDeviceGuid(connection: Connection): Promise<Guid> {
  const reader = new FieldReader(await connection.request({ netFn, command: 0x08 }), 'Get Device GUID');
  return decodeGuid(reader.take(guidLength, 'GUID'));
}

/** Get System GUID (22.14): the machine's, the same as in SMBIOS where the manufacturer took care. */
export async function getSystemGuid(connection: Connection): Promise<Guid> {
  const reader = new FieldReader(await connection.request({ netFn, command: 0x37 }), 'Get System GUID');
  return decodeGuid(reader.take(guidLength, 'GUID'));
}
