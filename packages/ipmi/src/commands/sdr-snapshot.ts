// The sensor data records of a BMC as they were, kept as bytes, and whether they still are: they are read again only after a change.
import type { Connection } from '../connection.ts';
import { CompletionCodeError, type ProtocolError } from '../errors.ts';
import { getDeviceId } from './device.ts';
import { encodeDeviceId } from './device-id.ts';
import { type SensorDataRecord, sdrHeaderLength } from './sdr/record.ts';
import { decodeSdrOrError, getSdrRepositoryInfo, readSdrBytes } from './sdr-repository.ts';

export interface SdrSnapshot {
  /** Changes with the repository, and with the device behind the address; undefined: nothing tells, so it is read each time. */
  readonly stamp: string | undefined;
  /** The records one behind the other. */
  readonly bytes: Buffer;
}

/** Time stamps of BMCs that keep none (IPMI 2.0, 37: 0xffffffff is unspecified). */
const unspecifiedTime = 0xffffffff;

/** Made of the device's id, the number of records, and the times of the last addition and erase (33.9). */
async function stampOf(connection: Connection): Promise<string | undefined> {
  try {
    const { recordCount, lastAddition, lastErase } = await getSdrRepositoryInfo(connection);
    if (lastAddition === unspecifiedTime || lastErase === unspecifiedTime) return undefined;
    const device = encodeDeviceId(await getDeviceId(connection)).toString('hex');
    return [device, recordCount, lastAddition, lastErase].join(' ');
  } catch (error) {
    if (error instanceof CompletionCodeError) return undefined;
    throw error;
  }
}

/**
 * The records of the BMC's repository: `known`, if they are still the same, or else read anew. A reading that a record without
 * an answer cut short has no stamp.
 */
export async function snapshotSdrs(connection: Connection, known?: SdrSnapshot): Promise<SdrSnapshot> {
  // Asked for before the records are: a change meanwhile shows the next time.
  const stamp = await stampOf(connection);
  if (known !== undefined && stamp !== undefined && known.stamp === stamp) return known;
  const records: Buffer[] = [];
  for await (const record of readSdrBytes(connection)) {
    if (record instanceof CompletionCodeError) return { stamp: undefined, bytes: Buffer.concat(records) };
    records.push(record.subarray(0, lengthOf(record)));
  }
  return { stamp, bytes: Buffer.concat(records) };
}

/** What the header says; BMCs may send more. */
function lengthOf(record: Buffer): number {
  return sdrHeaderLength + (record[sdrHeaderLength - 1] ?? 0);
}

/** The records of a snapshot, decoded as they are taken. A record that breaks its own format is yielded as the error. */
export function* recordsOf({ bytes }: SdrSnapshot): Generator<SensorDataRecord | ProtocolError, void, void> {
  for (let at = 0; at < bytes.length; ) {
    const record = bytes.subarray(at, at + lengthOf(bytes.subarray(at)));
    yield decodeSdrOrError(record);
    at += record.length;
  }
}
