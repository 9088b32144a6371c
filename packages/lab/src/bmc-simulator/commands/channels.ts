// Channels: the one LAN channel, the bus behind the BMC and the system interface (IPMI 2.0, 22.22 to 22.25).
import { presentChannel } from '@wrought/ipmi/codec';
import { perBmc } from '../per-bmc.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';
import { isLanChannel, lanChannel } from './sessions.ts';

interface Channel {
  readonly medium: number;
  readonly protocol: number;
  /** Bits 7 and 6: sessions; multiple ones over LAN. */
  readonly sessions: number;
}

const ipmbChannel = 0;
const systemInterface = 15;
const channels: Readonly<Record<number, Channel>> = {
  [ipmbChannel]: { medium: 1, protocol: 1, sessions: 0 },
  [lanChannel]: { medium: 4, protocol: 1, sessions: 0x80 },
  [systemInterface]: { medium: 12, protocol: 5, sessions: 0 },
};
/** IANA number of the IPMI forum, least significant byte first. */
const ipmiForum = [0xf2, 0x1b, 0x00];

function info({ bmc, data: [wanted = 0] }: CommandContext): Answer {
  const number = (wanted & 0x0f) === presentChannel ? lanChannel : wanted & 0x0f;
  const channel = channels[number];
  if (channel === undefined) return completion.invalidField;
  const sessions = channel.sessions | (number === lanChannel ? bmc.sessions.active.length & 0x3f : 0);
  return Uint8Array.of(number, channel.medium, channel.protocol, sessions, ...ipmiForum, 0, 0);
}

/** Access and privilege limit, what is in use and what is kept: always available, per-message authentication, administrator. */
const accessOf = perBmc(() => ({ present: Buffer.of(0x02, 0x04), kept: Buffer.of(0x02, 0x04) }));
const keptSetting = 1;
const presentSetting = 2;

function getAccess({ bmc, data: [channel = 0, setting = 0] }: CommandContext): Answer {
  if (!isLanChannel(channel & 0x0f)) return completion.invalidField;
  return setting >> 6 === keptSetting ? accessOf(bmc).kept : accessOf(bmc).present;
}

function setAccess({ bmc, data: [channel = 0, access = 0, limit = 0] }: CommandContext): Answer {
  if (!isLanChannel(channel & 0x0f)) return completion.invalidField;
  const settings = accessOf(bmc);
  for (const [byte, value] of [access, limit].entries()) {
    const target = { [keptSetting]: settings.kept, [presentSetting]: settings.present }[value >> 6];
    if (target !== undefined) target[byte] = value & (byte === 0 ? 0x3f : 0x0f);
  }
  return completion.ok;
}

export const channelCommands: CommandTable = {
  64: command('administrator', 3, setAccess),
  65: command('user', 2, getAccess),
  66: command('user', 1, info),
};
