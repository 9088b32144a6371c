// DCMI 1.5: capabilities, power reading, asset tag and the name of the controller.
import { seconds } from '../event-log.ts';
import { perBmc } from '../per-bmc.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';
import { lanChannel } from './sessions.ts';

/** DCMI 1.5, parameters of revision 2. */
const conformance = [0x01, 0x05, 0x02];
const inventoryChannel = 0x00;
const noChannel = 0xff;

/** By selector: what is there, mandatory and optional attributes, manageability access, power statistics periods. */
const capabilities: Readonly<Record<number, readonly number[]>> = {
  1: [0x00, 0x01, 0x01],
  2: [0x00, 0x02, 0x00, 0x00, 0x00],
  3: [0x20, inventoryChannel, 0x00],
  4: [lanChannel, noChannel, noChannel],
};

const systemPower = 0x01;
const reportingMilliseconds = 1000;
const measuring = 0x40;
const longestText = 63;
const mostAtOnce = 16;

const textsOf = perBmc((bmc) => ({ assetTag: '', controller: bmc.name }));

function powerReading({ bmc, data: [mode = 0] }: CommandContext): Answer {
  if (mode !== systemPower) return completion.invalidField;
  const watts = bmc.settings.make.watts(bmc);
  const bytes = Buffer.alloc(17);
  for (const [index, value] of [watts, watts, watts, watts].entries()) bytes.writeUInt16LE(value, index * 2);
  bytes.writeUInt32LE(seconds(), 8);
  bytes.writeUInt32LE(reportingMilliseconds, 12);
  bytes[16] = measuring;
  return bytes;
}

type TextName = keyof ReturnType<typeof textsOf>;

const getText =
  (name: TextName) =>
  ({ bmc, data: [offset = 0, count = 0] }: CommandContext): Answer => {
    const text = Buffer.from(textsOf(bmc)[name], 'utf8');
    if (count > mostAtOnce || offset > text.length) return completion.parameterOutOfRange;
    return Buffer.concat([Uint8Array.of(text.length), text.subarray(offset, offset + count)]);
  };

const setText =
  (name: TextName) =>
  ({ bmc, data }: CommandContext): Answer => {
    const [offset = 0, count = 0] = data;
    const bytes = data.subarray(2, 2 + count);
    if (offset + bytes.length > longestText + 1 || bytes.length !== count) return completion.parameterOutOfRange;
    const before = Buffer.from(textsOf(bmc)[name], 'utf8');
    const after = Buffer.concat([before.subarray(0, offset), bytes]);
    textsOf(bmc)[name] = after.toString('utf8').replace(/\0.*$/s, '');
    return Uint8Array.of(after.length);
  };

function getCapabilities({ data: [selector = 0] }: CommandContext): Answer {
  const found = capabilities[selector];
  return found === undefined ? completion.parameterOutOfRange : Uint8Array.of(...conformance, ...found);
}

export const dcmiCommands: CommandTable = {
  1: command('user', 1, getCapabilities),
  2: command('user', 1, powerReading),
  6: command('user', 2, getText('assetTag')),
  8: command('operator', 2, setText('assetTag')),
  9: command('user', 2, getText('controller')),
  10: command('operator', 2, setText('controller')),
};
