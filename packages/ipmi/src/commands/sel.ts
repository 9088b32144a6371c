// The system event log: its state, its records, clearing it, and its clock (IPMI 2.0, section 31).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { CompletionCodeError, IpmiError, ProtocolError } from '../errors.ts';
import { flags, signed } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';
import { decodeSelRecord, encodeSelRecord, type SelRecord, selRecordLength } from './sel/record.ts';

const netFn = networkFunction.storage;

const operations = flags({ allocationInfo: 0, reserve: 1, partialAdd: 2, delete: 3, overflow: 7 });

export interface SelInfo {
  /** "1.5" for all of IPMI 1.5 and 2.0. */
  readonly version: string;
  readonly entryCount: number;
  /** Bytes; 0xffff is that or more. */
  readonly freeSpace: number;
  /** Timestamps; see `selTime`. */
  readonly lastAddition: number;
  readonly lastErase: number;
  readonly supports: ReturnType<typeof operations.decode>;
}

export function decodeSelInfo(data: Uint8Array): SelInfo {
  const reader = new FieldReader(data, 'Get SEL Info');
  const version = reader.u8('SEL version');
  return {
    version: `${version & 0x0f}.${version >> 4}`,
    entryCount: reader.u16('entry count'),
    freeSpace: reader.u16('free space'),
    lastAddition: reader.u32('last addition'),
    lastErase: reader.u32('last erase'),
    supports: operations.decode(reader.u8('operation support')),
  };
}

/** Get SEL Info (31.2). `supports.overflow`: events were lost because the log is full. */
export async function getSelInfo(connection: Connection): Promise<SelInfo> {
  return decodeSelInfo(await connection.request({ netFn, command: 0x40 }));
}

const invalidCommand = 0xc1;
const reservationCancelled = 0xc5;
const mostReservations = 10;

/** Reserve SEL (31.4); 0 where the BMC has no reservations. */
export async function reserveSel(connection: Connection): Promise<number> {
  try {
    const answer = await connection.request({ netFn, command: 0x42 }, { repeatable: true });
    return new FieldReader(answer, 'Reserve SEL').u16('reservation id');
  } catch (error) {
    if (error instanceof CompletionCodeError && error.code === invalidCommand) return 0;
    throw error;
  }
}

const firstRecord = 0;
const noMoreRecords = 0xffff;
const wholeRecord = 0xff;
const recordNotPresent = 0xcb;

/** Get SEL Entry (31.5) for one record: 0 is the first, 0xffff the last. */
export async function getSelEntry(
  connection: Connection,
  recordId: number,
): Promise<{ readonly next: number; readonly bytes: Buffer }> {
  // Whole records need no reservation.
  const data = Buffer.from([0, 0, 0, 0, 0, wholeRecord]);
  data.writeUInt16LE(recordId, 2);
  const reader = new FieldReader(await connection.request({ netFn, command: 0x43, data }), 'Get SEL Entry');
  return { next: reader.u16('next record id'), bytes: reader.take(selRecordLength, 'record') };
}

/**
 * Reads the log from a record on (the first when absent), in its order. Clear and add at the same time may hide records;
 * none comes twice.
 */
export async function* readSel(connection: Connection, from = firstRecord): AsyncGenerator<SelRecord, void, void> {
  const seen = new Set<number>();
  let recordId = from;
  while (recordId !== noMoreRecords) {
    if (seen.has(recordId)) throw new ProtocolError('bad value', 'Get SEL Entry', 0, `record ${recordId} comes twice`);
    seen.add(recordId);
    let entry: { readonly next: number; readonly bytes: Buffer };
    try {
      entry = await getSelEntry(connection, recordId);
    } catch (error) {
      // An empty log answers so for its first record, one that was cleared meanwhile for the next.
      if (error instanceof CompletionCodeError && error.code === recordNotPresent) return;
      throw error;
    }
    yield decodeSelRecord(entry.bytes);
    recordId = entry.next;
  }
}

/** Add SEL Entry (31.6). Returns the record id that the BMC gave it; the record's own id is ignored. */
export async function addSelEntry(connection: Connection, record: SelRecord): Promise<number> {
  const data = encodeSelRecord(record);
  const answer = await connection.request({ netFn, command: 0x44, data }, { repeatable: false });
  return new FieldReader(answer, 'Add SEL Entry').u16('record id');
}

/** Carries out what needs a reservation, again when another client's change cancelled it. */
async function withReservation<Result>(
  connection: Connection,
  act: (reservation: number) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act(await reserveSel(connection));
    } catch (error) {
      const isCancelled = error instanceof CompletionCodeError && error.code === reservationCancelled;
      if (!isCancelled || attempt === mostReservations) throw error;
    }
  }
}

/** Delete SEL Entry (31.8). */
export async function deleteSelEntry(connection: Connection, recordId: number): Promise<void> {
  await withReservation(connection, async (reservation) => {
    const data = Buffer.alloc(4);
    data.writeUInt16LE(reservation, 0);
    data.writeUInt16LE(recordId, 2);
    await connection.request({ netFn, command: 0x46, data }, { repeatable: false });
  });
}

const initiateErase = 0xaa;
const getErasureStatus = 0x00;

async function clearRequest(connection: Connection, reservation: number, operation: number): Promise<boolean> {
  const data = Buffer.from([0, 0, ...Buffer.from('CLR', 'ascii'), operation]);
  data.writeUInt16LE(reservation, 0);
  const answer = await connection.request({ netFn, command: 0x47, data }, { repeatable: true });
  return (new FieldReader(answer, 'Clear SEL').u8('erasure progress') & 0x0f) === 1;
}

export interface ClearSelOptions {
  /** How long the erasure may take. */
  readonly timeoutMilliseconds?: number;
  /** Between two looks at its progress. */
  readonly pollMilliseconds?: number;
}

/** Clear SEL (31.9): erases the log, and returns when the BMC says that it is done. Throws when that takes too long. */
export async function clearSel(connection: Connection, options: ClearSelOptions = {}): Promise<void> {
  const { timeoutMilliseconds = 60_000, pollMilliseconds = 250 } = options;
  await withReservation(connection, async (reservation) => {
    const deadline = performance.now() + timeoutMilliseconds;
    let isErased = await clearRequest(connection, reservation, initiateErase);
    while (!isErased) {
      if (performance.now() > deadline) {
        throw new IpmiError(
          `Clear SEL: the BMC still erases after ${timeoutMilliseconds} ms; look at Get SEL Info later`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
      isErased = await clearRequest(connection, reservation, getErasureStatus);
    }
  });
}

/** Get SEL Time (31.10): seconds of the BMC's clock; see `selTime`. */
export async function getSelTime(connection: Connection): Promise<number> {
  const answer = await connection.request({ netFn, command: 0x48 });
  return new FieldReader(answer, 'Get SEL Time').u32('time');
}

/** Set SEL Time (31.11). */
export async function setSelTime(connection: Connection, seconds: number): Promise<void> {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(seconds);
  await connection.request({ netFn, command: 0x49, data }, { repeatable: true });
}

const unspecifiedOffset = 0x7ff;

/** Get SEL Time UTC Offset (31.11a): minutes east of UTC; undefined when it was never set. */
export async function getSelTimeUtcOffset(connection: Connection): Promise<number | undefined> {
  const answer = await connection.request({ netFn, command: 0x5c });
  const minutes = new FieldReader(answer, 'Get SEL Time UTC Offset').u16('offset') & 0xffff;
  return minutes === unspecifiedOffset ? undefined : signed(minutes, 16);
}

/** Set SEL Time UTC Offset (31.11b): minutes east of UTC, −1440 to 1440. */
export async function setSelTimeUtcOffset(connection: Connection, minutes: number): Promise<void> {
  const data = Buffer.alloc(2);
  data.writeInt16LE(minutes);
  await connection.request({ netFn, command: 0x5d, data }, { repeatable: true });
}
