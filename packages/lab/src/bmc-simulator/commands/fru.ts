// FRU inventory of a simulated machine: what it is, with a serial number of its own (IPMI 2.0, section 34).
import type { Bmc } from '../bmc.ts';
import { perBmc } from '../per-bmc.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';

/** Bytes of the device, of which the inventory needs a part. */
const deviceSize = 512;
const builtIn = 0;

/** Inventories that were written to, whole. */
const writtenOf = perBmc(() => new Map<number, Buffer>());

function contentOf(bmc: Bmc, id: number): Buffer | undefined {
  const written = writtenOf(bmc).get(id);
  if (written !== undefined) return written;
  if (id !== builtIn) return undefined;
  const device = Buffer.alloc(deviceSize);
  bmc.settings.make.inventory(bmc).copy(device);
  return device;
}

function areaInfo({ bmc, data: [id = 0] }: CommandContext): Answer {
  const content = contentOf(bmc, id);
  if (content === undefined) return completion.notPresent;
  return Uint8Array.of(content.length & 0xff, content.length >> 8, 0);
}

function read({ bmc, data }: CommandContext): Answer {
  const content = contentOf(bmc, data[0] ?? 0);
  if (content === undefined) return completion.notPresent;
  const offset = data.readUInt16LE(1);
  if (offset >= content.length) return completion.parameterOutOfRange;
  const bytes = content.subarray(offset, offset + (data[3] ?? 0));
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

function write({ bmc, data }: CommandContext): Answer {
  const id = data[0] ?? 0;
  const content = contentOf(bmc, id);
  if (content === undefined) return completion.notPresent;
  const offset = data.readUInt16LE(1);
  const bytes = data.subarray(3);
  if (offset + bytes.length > content.length) return completion.parameterOutOfRange;
  content.set(bytes, offset);
  writtenOf(bmc).set(id, content);
  return Uint8Array.of(bytes.length);
}

export const fruCommands: CommandTable = {
  16: command('user', 1, areaInfo),
  17: command('user', 4, read),
  18: command('operator', 4, write),
};
