// The system event log of a simulated BMC: records, reservations, and its clock (IPMI 2.0, section 31).
import { encodeSelRecord, type SelRecord, selRecordLength } from '@wrought/ipmi';
import { perBmc } from './per-bmc.ts';

/** Records that fit. */
export const eventLogCapacity = 512;
const lastRecordId = 0xfffe;
const timestampStart = 3;
const firstRecord = 0;
const lastRecord = 0xffff;
const oemWithoutTime = 0xe0;

export const seconds = () => Math.floor(Date.now() / 1000);

export class EventLog {
  readonly #records: Buffer[] = [];
  #lastId = 0;
  #reservation = 0;
  #clockOffset = 0;
  lastAddition = 0;
  lastErase = 0;
  hasOverflowed = false;
  /** Minutes east of UTC; 0x7ff: never set. */
  utcOffset = 0x7ff;

  get size(): number {
    return this.#records.length;
  }

  /** Seconds of the BMC's clock. */
  get time(): number {
    return (seconds() + this.#clockOffset) >>> 0;
  }

  set time(value: number) {
    this.#clockOffset = value - seconds();
  }

  reserve(): number {
    this.#reservation = (this.#reservation % lastRecord) + 1;
    return this.#reservation;
  }

  /** Whether a reservation still holds; 0 is none, for those who read whole records. */
  isReserved(reservation: number): boolean {
    return reservation === this.#reservation;
  }

  /** Adds 16 bytes with an id, and for records that have one a timestamp, of its own; undefined when it is full. */
  append(record: Uint8Array): number | undefined {
    if (this.#records.length >= eventLogCapacity) {
      this.hasOverflowed = true;
      return undefined;
    }
    this.#lastId = (this.#lastId % lastRecordId) + 1;
    const bytes = Buffer.alloc(selRecordLength);
    bytes.set(record.subarray(0, selRecordLength));
    bytes.writeUInt16LE(this.#lastId);
    if ((bytes[2] ?? 0) < oemWithoutTime) bytes.writeUInt32LE(this.time, timestampStart);
    this.#records.push(bytes);
    this.lastAddition = this.time;
    this.#cancelReservation();
    return this.#lastId;
  }

  /** Adds an event, as the firmware of the BMC does. */
  add(record: SelRecord): number | undefined {
    return this.append(encodeSelRecord(record));
  }

  /** A record and the id of the next one; 0 is the first, 0xffff the last. */
  read(id: number): { readonly record: Buffer; readonly next: number } | undefined {
    const index = this.#indexOf(id);
    const record = this.#records[index];
    if (record === undefined) return undefined;
    return { record, next: this.#records[index + 1]?.readUInt16LE() ?? lastRecord };
  }

  /** Deletes a record; answers its id. */
  delete(id: number): number | undefined {
    const [record] = this.#records.splice(this.#indexOf(id), 1);
    if (record === undefined) return undefined;
    this.#erased();
    return record.readUInt16LE();
  }

  clear(): void {
    this.#records.length = 0;
    this.hasOverflowed = false;
    this.#erased();
  }

  #erased(): void {
    this.lastErase = this.time;
    this.#cancelReservation();
  }

  #cancelReservation(): void {
    this.#reservation = (this.#reservation % lastRecord) + 1;
  }

  #indexOf(id: number): number {
    if (id === firstRecord) return 0;
    if (id === lastRecord) return this.#records.length - 1;
    const index = this.#records.findIndex((record) => record.readUInt16LE() === id);
    return index === -1 ? this.#records.length : index;
  }
}

/** The log of a BMC. */
export const eventLogOf = perBmc(() => new EventLog());
