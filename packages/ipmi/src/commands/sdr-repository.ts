// The repository of sensor data records, of the BMC and of other devices: reading it record by record (IPMI 2.0, 33 and 35.2).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { CompletionCodeError, ProtocolError } from '../errors.ts';
import { flags } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';
import { ReadSize } from './read-size.ts';
import { decodeSdr, type SensorDataRecord, sdrHeaderLength } from './sdr/record.ts';

const operations = flags({ allocationInfo: 0, reserve: 1, partialAdd: 2, delete: 3, overflow: 7 });

/** Get SDR Repository Info (33.9). Times are seconds of the BMC's clock. */
export async function getSdrRepositoryInfo(connection: Connection) {
  const answer = await connection.request({ netFn: networkFunction.storage, command: 0x20 });
  const reader = new FieldReader(answer, 'Get SDR Repository Info');
  const version = reader.u8('SDR version');
  return {
    version: `${version & 0x0f}.${version >> 4}`,
    recordCount: reader.u16('record count'),
    /** Bytes; 0xffff is that or more. */
    freeSpace: reader.u16('free space'),
    lastAddition: reader.u32('last addition'),
    lastErase: reader.u32('last erase'),
    supports: operations.decode(reader.u8('operation support')),
  };
}

/** Get Device SDR Info (35.2): how many sensors a device describes itself, and whether that changes at run time. */
export async function getDeviceSdrInfo(connection: Connection) {
  const answer = await connection.request({ netFn: networkFunction.sensorEvent, command: 0x20 });
  const reader = new FieldReader(answer, 'Get Device SDR Info');
  const count = reader.u8('sensor count');
  const sources = reader.u8('flags');
  return {
    count,
    isDynamic: (sources & 0x80) !== 0,
    /** Which of the four logical units have sensors. */
    lunsWithSensors: [0, 1, 2, 3].filter((lun) => ((sources >> lun) & 1) === 1),
    /** Changes when the sensors do; only for dynamic ones. */
    populationChange: reader.remaining >= 4 ? reader.u32('sensor population change') : undefined,
  };
}

/** Where the records are: the BMC's repository, or the sensors of the device itself. */
export type SdrSource = 'repository' | 'device';

const commands = {
  repository: { netFn: networkFunction.storage, reserve: 0x22, get: 0x23, name: 'Get SDR' },
  device: { netFn: networkFunction.sensorEvent, reserve: 0x22, get: 0x21, name: 'Get Device SDR' },
} as const;

const wholeRecord = 0xff;
/** Header, fixed fields and the longest id string of a full record. */
const longestRecord = 64;
const noMoreRecords = 0xffff;
const reservationCancelled = 0xc5;
const invalidCommand = 0xc1;
const mostReservations = 10;

/** Reserve SDR Repository (33.11) or Reserve Device SDR Repository (35.4); 0 where the BMC has no reservations. */
async function reserve(connection: Connection, source: SdrSource): Promise<number> {
  const { netFn, reserve: command } = commands[source];
  try {
    const answer = await connection.request({ netFn, command }, { repeatable: true });
    return new FieldReader(answer, 'Reserve SDR Repository').u16('reservation id');
  } catch (error) {
    if (error instanceof CompletionCodeError && error.code === invalidCommand) return 0;
    throw error;
  }
}

/** Reads one repository; its reservation and the size that the BMC can answer are kept from record to record. */
class SdrReader {
  readonly #connection: Connection;
  readonly #source: SdrSource;
  readonly #size = new ReadSize(wholeRecord);
  #reservation: number | undefined;

  constructor(connection: Connection, source: SdrSource) {
    this.#connection = connection;
    this.#source = source;
  }

  async #part(recordId: number, offset: number, count: number) {
    const { netFn, get: command, name } = commands[this.#source];
    this.#reservation ??= await reserve(this.#connection, this.#source);
    const data = Buffer.from([0, 0, 0, 0, offset, count]);
    data.writeUInt16LE(this.#reservation, 0);
    data.writeUInt16LE(recordId, 2);
    const reader = new FieldReader(await this.#connection.request({ netFn, command, data }), name);
    return { next: reader.u16('next record id'), bytes: reader.rest() };
  }

  async #once(recordId: number): Promise<{ next: number; bytes: Buffer }> {
    const parts: Buffer[] = [];
    let have = 0;
    // Known as soon as the header is there.
    let length = sdrHeaderLength;
    let next = noMoreRecords;
    while (have < length) {
      // Some BMCs refuse to read past the end of a record, but all of them know "the whole record".
      const isWhole = have === 0 && this.#size.bytes === wholeRecord;
      const count = isWhole ? wholeRecord : Math.min(this.#size.bytes, length - have);
      try {
        const part = await this.#part(recordId, have, count);
        if (part.bytes.length === 0)
          throw new ProtocolError('truncated', commands[this.#source].name, have, 'no bytes');
        next = part.next;
        parts.push(part.bytes);
        have += part.bytes.length;
      } catch (error) {
        if (!this.#size.shrinkAfter(error, Math.min(count, longestRecord))) throw error;
      }
      const soFar = Buffer.concat(parts);
      if (soFar.length >= sdrHeaderLength) length = sdrHeaderLength + (soFar[sdrHeaderLength - 1] ?? 0);
    }
    return { next, bytes: Buffer.concat(parts) };
  }

  /** Another client's change cancels the reservation: then the record is read again from its beginning. */
  async record(recordId: number): Promise<{ next: number; bytes: Buffer }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(recordId);
      } catch (error) {
        const isCancelled = error instanceof CompletionCodeError && error.code === reservationCancelled;
        if (!isCancelled || attempt === mostReservations) throw error;
        this.#reservation = undefined;
      }
    }
  }
}

const recordNotPresent = 0xcb;
const recordTimeout = 0xc3;

/**
 * Get SDR (33.12) or Get Device SDR (35.3) for each record, in the repository's order, as bytes. Records are read whole where
 * the BMC can, in smaller parts where it cannot. One for which the BMC never has an answer (0xc3) is yielded as the error and
 * ends the reading.
 */
export async function* readSdrBytes(
  connection: Connection,
  source: SdrSource = 'repository',
): AsyncGenerator<Buffer | CompletionCodeError, void, void> {
  const reader = new SdrReader(connection, source);
  const seen = new Set<number>();
  let recordId = 0;
  while (recordId !== noMoreRecords) {
    if (seen.has(recordId))
      throw new ProtocolError('bad value', commands[source].name, 0, `record ${recordId} comes twice`);
    seen.add(recordId);
    let read: { next: number; bytes: Buffer };
    try {
      read = await reader.record(recordId);
    } catch (error) {
      if (!(error instanceof CompletionCodeError)) throw error;
      // An empty repository answers so for its first record.
      if (seen.size === 1 && error.code === recordNotPresent) return;
      // Some BMCs never answer for their last record; nothing tells what would come after it.
      if (seen.size === 1 || error.code !== recordTimeout) throw error;
      yield error;
      return;
    }
    yield read.bytes;
    recordId = read.next;
  }
}

/** The same, decoded. A record that breaks its own format is yielded as the error. */
export async function* readSdrs(
  connection: Connection,
  source: SdrSource = 'repository',
): AsyncGenerator<SensorDataRecord | ProtocolError | CompletionCodeError, void, void> {
  for await (const read of readSdrBytes(connection, source)) {
    yield read instanceof CompletionCodeError ? read : decodeSdrOrError(read);
  }
}

/** A record, or what is wrong with it. */
export function decodeSdrOrError(bytes: Buffer): SensorDataRecord | ProtocolError {
  try {
    return decodeSdr(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}
