// Commands of the system event log (IPMI 2.0, section 31).
import { selRecordLength } from '@wrought/ipmi';
import { eventLogCapacity, eventLogOf } from '../event-log.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';

const version = 0x51;
/** Reserve and delete. */
const operations = 0x0a;
const overflow = 0x80;
const wholeRecord = 0xff;
const erasureCompleted = 0x01;
const initiateErase = 0xaa;
const clearMark = 'CLR';

function info({ bmc }: CommandContext): Answer {
  const log = eventLogOf(bmc);
  const bytes = Buffer.alloc(14, version);
  bytes.writeUInt16LE(log.size, 1);
  bytes.writeUInt16LE((eventLogCapacity - log.size) * selRecordLength, 3);
  bytes.writeUInt32LE(log.lastAddition, 5);
  bytes.writeUInt32LE(log.lastErase, 9);
  bytes[13] = operations | (log.hasOverflowed ? overflow : 0);
  return bytes;
}

function allocation({ bmc }: CommandContext): Answer {
  const free = eventLogCapacity - eventLogOf(bmc).size;
  const bytes = Buffer.alloc(9, 1);
  for (const [at, value] of [eventLogCapacity, selRecordLength, free, free].entries())
    bytes.writeUInt16LE(value, at * 2);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function get({ bmc, data }: CommandContext): Answer {
  const log = eventLogOf(bmc);
  const [offset = 0, count = wholeRecord] = data.subarray(4);
  const isPart = offset !== 0 || count !== wholeRecord;
  const reservation = data.readUInt16LE(0);
  if (isPart && reservation !== 0 && !log.isReserved(reservation)) return completion.reservationCancelled;
  const found = log.read(data.readUInt16LE(2));
  if (found === undefined) return completion.notPresent;
  if (offset >= selRecordLength) return completion.parameterOutOfRange;
  return Buffer.concat([word(found.next), found.record.subarray(offset, offset + count)]);
}

function add({ bmc, data }: CommandContext): Answer {
  const id = eventLogOf(bmc).append(data);
  return id === undefined ? completion.outOfSpace : word(id);
}

function remove({ bmc, data }: CommandContext): Answer {
  const log = eventLogOf(bmc);
  if (!log.isReserved(data.readUInt16LE(0))) return completion.reservationCancelled;
  const id = log.delete(data.readUInt16LE(2));
  return id === undefined ? completion.notPresent : word(id);
}

function clear({ bmc, data }: CommandContext): Answer {
  const log = eventLogOf(bmc);
  if (data.toString('latin1', 2, 5) !== clearMark) return completion.invalidField;
  if (data[5] === initiateErase) {
    if (!log.isReserved(data.readUInt16LE(0))) return completion.reservationCancelled;
    log.clear();
  }
  return Uint8Array.of(erasureCompleted);
}

function getTime({ bmc }: CommandContext): Answer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(eventLogOf(bmc).time);
  return bytes;
}

export const selCommands: CommandTable = {
  64: command('user', 0, info),
  65: command('user', 0, allocation),
  66: command('user', 0, ({ bmc }) => word(eventLogOf(bmc).reserve())),
  67: command('user', 6, get),
  68: command('operator', selRecordLength, add),
  70: command('operator', 4, remove),
  71: command('operator', 6, clear),
  72: command('user', 0, getTime),
  73: command('operator', 4, ({ bmc, data }) => {
    eventLogOf(bmc).time = data.readUInt32LE(0);
    return completion.ok;
  }),
  92: command('user', 0, ({ bmc }) => word(eventLogOf(bmc).utcOffset)),
  93: command('operator', 2, ({ bmc, data }) => {
    eventLogOf(bmc).utcOffset = data.readUInt16LE(0);
    return completion.ok;
  }),
};
