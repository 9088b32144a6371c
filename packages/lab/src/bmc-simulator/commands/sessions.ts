// Commands about logins and sessions: what is offered, privilege level, end, who is there (IPMI 2.0, 22.13 to 22.20).
import {
  closeSession as closeSessionCommand,
  decodeCapabilitiesRequest,
  encodeCapabilities,
  encodeCipherSuiteRecords,
  getChannelAuthenticationCapabilities,
  getChannelCipherSuites,
  presentChannel,
  privilegeLevel,
  setSessionPrivilegeLevel,
} from '@wrought/ipmi/codec';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';

/** The one LAN channel. */
export const lanChannel = 1;
export const isLanChannel = (channel: number) => channel === lanChannel || channel === presentChannel;

const suitesPerPiece = 16;
const privilegeExceeded = 0x81;
const unknownSession = 0x87;
const lanSession = 0x01;

function capabilities({ bmc, data }: CommandContext): Answer {
  const request = decodeCapabilitiesRequest(data);
  if (!isLanChannel(request.channel)) return completion.invalidField;
  const { v15Logins, suites, bmcKey } = bmc.settings;
  return encodeCapabilities(
    {
      channel: lanChannel,
      none: v15Logins.includes('none'),
      md2: false,
      md5: v15Logins.includes('md5'),
      straightPassword: v15Logins.includes('straightPassword'),
      oem: false,
      bmcKeySet: bmcKey !== undefined,
      perMessageAuthenticationDisabled: false,
      userLevelAuthenticationDisabled: false,
      nonNullUsers: bmc.users.hasNamedUser,
      nullUsers: bmc.users.hasNullUser,
      anonymousLogin: false,
      v15: v15Logins.length > 0,
      v20: suites.length > 0,
      oemEnterprise: 0,
      oemData: 0,
    },
    request.extended,
  );
}

function cipherSuites({ bmc, data: [channel = 0, , index = 0] }: CommandContext): Answer {
  if (!isLanChannel(channel & 0x0f)) return completion.invalidField;
  const start = (index & 0x3f) * suitesPerPiece;
  const records = encodeCipherSuiteRecords(bmc.settings.suites);
  return Buffer.concat([Uint8Array.of(lanChannel), records.subarray(start, start + suitesPerPiece)]);
}

function setPrivilege({ session, data: [wanted = 0] }: CommandContext): Answer {
  if (session === undefined) return completion.notInThisState;
  const level = wanted & 0x0f;
  if (level > privilegeLevel.oem || level === privilegeLevel.callback) return completion.invalidField;
  if (level > session.privilegeLimit) return privilegeExceeded;
  if (level !== 0) session.privilege = level;
  return Uint8Array.of(session.privilege);
}

function close({ bmc, session, data }: CommandContext): Answer {
  const wanted = bmc.sessions.find(data.readUInt32LE(0));
  if (wanted === undefined) return unknownSession;
  if (wanted !== session && (session?.privilege ?? 0) < privilegeLevel.administrator) {
    return completion.insufficientPrivilege;
  }
  bmc.sessions.close(wanted);
  return completion.ok;
}

/** The session of an index, counted from 1, of a handle (0xfe) or an id (0xff); 0 is the one that asks. */
function info({ bmc, session, data }: CommandContext): Answer {
  const { active } = bmc.sessions;
  const [index = 0, handle = 0] = data;
  let found = index === 0 ? session : active[index - 1];
  if (index === 0xfe) found = active[handle - 1];
  if (index === 0xff) found = data.length < 5 ? undefined : bmc.sessions.find(data.readUInt32LE(1));
  const counts = [bmc.settings.sessionLimit, active.length];
  if (found === undefined) return Uint8Array.of(0, ...counts);
  const version = found.protection.version === '2.0' ? lanSession : 0;
  const bytes = Buffer.alloc(18);
  bytes.set([active.indexOf(found) + 1, ...counts, found.user?.id ?? 0, found.privilege, (version << 4) | lanChannel]);
  bytes.set(found.peer.address.split('.').map(Number), 6);
  bytes.writeUInt16LE(found.peer.port, 16);
  return bytes;
}

export const sessionCommands: CommandTable = {
  [getChannelAuthenticationCapabilities]: command('anyone', 2, capabilities),
  [getChannelCipherSuites]: command('anyone', 3, cipherSuites),
  [setSessionPrivilegeLevel]: command('callback', 1, setPrivilege),
  [closeSessionCommand]: command('callback', 4, close),
  61: command('user', 1, info),
};
