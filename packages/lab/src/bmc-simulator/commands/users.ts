// Users of the BMC: names, access, passwords (IPMI 2.0, 22.26 to 22.30).
import { sameBytes } from '@wrought/ipmi/codec';
import { maximumUserId } from '../settings.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';
import { isLanChannel } from './sessions.ts';

const nameLength = 16;
const enabled = 0x40;
const disabled = 0x80;
const access = { callbackOnly: 0x40, linkAuthentication: 0x20, ipmiMessaging: 0x10 } as const;
const changesAccess = 0x80;
const operation = { disable: 0, enable: 1, set: 2, test: 3 } as const;
const wrongPassword = 0x80;
const wrongSize = 0x81;

const userOf = ({ bmc }: CommandContext, id = 0) => bmc.users.at(id & 0x3f);

function getAccess(context: CommandContext): Answer {
  const [channel = 0, id] = context.data;
  const user = userOf(context, id);
  if (!isLanChannel(channel & 0x0f)) return completion.invalidField;
  if (user === undefined) return completion.parameterOutOfRange;
  return Uint8Array.of(
    maximumUserId,
    context.bmc.users.enabledCount | (user.isEnabled ? enabled : disabled),
    // The null user's name cannot be changed.
    1,
    (user.callbackOnly ? access.callbackOnly : 0) |
      (user.linkAuthentication ? access.linkAuthentication : 0) |
      (user.ipmiMessaging ? access.ipmiMessaging : 0) |
      user.privilege,
  );
}

function setAccess(context: CommandContext): Answer {
  const [first = 0, id, limit = 0] = context.data;
  const user = userOf(context, id);
  if (!isLanChannel(first & 0x0f)) return completion.invalidField;
  if (user === undefined) return completion.parameterOutOfRange;
  if ((first & changesAccess) !== 0) {
    user.callbackOnly = (first & access.callbackOnly) !== 0;
    user.linkAuthentication = (first & access.linkAuthentication) !== 0;
    user.ipmiMessaging = (first & access.ipmiMessaging) !== 0;
  }
  user.privilege = limit & 0x0f;
  return completion.ok;
}

function getName(context: CommandContext): Answer {
  const user = userOf(context, context.data[0]);
  if (user === undefined) return completion.parameterOutOfRange;
  if (user.name === '' && !user.isEnabled) return completion.invalidField;
  const bytes = Buffer.alloc(nameLength);
  bytes.write(user.name, 'utf8');
  return bytes;
}

function setName(context: CommandContext): Answer {
  const user = userOf(context, context.data[0]);
  if (user === undefined) return completion.parameterOutOfRange;
  if (user.id === 1) return completion.invalidField;
  user.name = context.data
    .subarray(1, 1 + nameLength)
    .toString('utf8')
    .replace(/\0.*$/s, '');
  return completion.ok;
}

/** The password without the zeros that fill it up. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return Buffer.from(bytes.subarray(0, end));
}

function setPassword(context: CommandContext): Answer {
  const { data } = context;
  const user = userOf(context, data[0]);
  if (user === undefined) return completion.parameterOutOfRange;
  const wanted = (data[1] ?? 0) & 3;
  if (wanted === operation.enable || wanted === operation.disable) {
    user.isEnabled = wanted === operation.enable;
    return completion.ok;
  }
  const size = ((data[0] ?? 0) & 0x80) === 0 ? 16 : 20;
  // ipmitool sends fewer bytes than the size for some lengths; they count as filled up with zeros.
  if (data.length > 2 + size || data.length <= 2) return completion.invalidLength;
  const password = trimmed(data.subarray(2));
  if (wanted === operation.set) {
    user.password = password;
    user.passwordSize = size;
    return completion.ok;
  }
  if (user.passwordSize !== size) return wrongSize;
  return sameBytes(password, user.password) ? completion.ok : wrongPassword;
}

export const userCommands: CommandTable = {
  67: command('administrator', 3, setAccess),
  68: command('operator', 2, getAccess),
  69: command('administrator', 2, setName),
  70: command('operator', 1, getName),
  71: command('administrator', 2, setPassword),
};
