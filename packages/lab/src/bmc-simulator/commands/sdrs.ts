// The repository of sensor data records, which the make of the machine decides (IPMI 2.0, section 33).
import { perBmc } from '../per-bmc.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';

const version = 0x51;
/** Reserve, and updates only in another mode. */
const operations = 0x02;
const noFreeSpace = 0;
const wholeRecord = 0xff;
const noMoreRecords = 0xffff;

const reservationOf = perBmc(() => ({ id: 0 }));

function info({ bmc }: CommandContext): Answer {
  const bytes = Buffer.alloc(14, 0);
  bytes[0] = version;
  bytes.writeUInt16LE(bmc.settings.make.records.length, 1);
  bytes.writeUInt16LE(noFreeSpace, 3);
  bytes[13] = operations;
  return bytes;
}

function reserve({ bmc }: CommandContext): Answer {
  const reservation = reservationOf(bmc);
  reservation.id = (reservation.id % noMoreRecords) + 1;
  return Uint8Array.of(reservation.id & 0xff, reservation.id >> 8);
}

/** Record 0 is the first, 0xffff the last. */
function get({ bmc, data }: CommandContext): Answer {
  const { records } = bmc.settings.make;
  const [offset = 0, count = wholeRecord] = data.subarray(4);
  if (offset !== 0 && data.readUInt16LE(0) !== reservationOf(bmc).id) return completion.reservationCancelled;
  const wanted = data.readUInt16LE(2);
  let index = records.findIndex((record) => record.readUInt16LE() === wanted);
  if (wanted === 0) index = 0;
  if (wanted === noMoreRecords) index = records.length - 1;
  const record = records[index];
  if (record === undefined) return completion.notPresent;
  if (offset >= record.length) return completion.parameterOutOfRange;
  const next = Buffer.alloc(2);
  next.writeUInt16LE(records[index + 1]?.readUInt16LE() ?? noMoreRecords);
  return Buffer.concat([next, record.subarray(offset, count === wholeRecord ? undefined : offset + count)]);
}

export const sdrCommands: CommandTable = {
  32: command('user', 0, info),
  34: command('user', 0, reserve),
  35: command('user', 6, get),
  // Get SDR Repository Time: the records never change.
  40: command('user', 0, () => Uint8Array.of(0, 0, 0, 0)),
};
