// Payloads: activating SOL in a session, ending it, and what is active (IPMI 2.0, 24.1 to 24.9).
import {
  activatePayload,
  deactivatePayload,
  decodeActivatePayload,
  decodeDeactivatePayload,
  encodeActivatePayloadResponse,
  payloadType,
} from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import { perBmc } from '../per-bmc.ts';
import { sendPayload } from '../session/send.ts';
import type { Session } from '../session/session.ts';
import { SolPort, solPacketCharacters } from '../session/sol.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';
import { isLanChannel } from './sessions.ts';

const code = { alreadyActive: 0x80, alreadyEnded: 0x80, disabled: 0x81, limit: 0x82, withoutEncryption: 0x84 } as const;
const onlyInstance = 1;
const solHeader = 4;
const noVlan = 0xffff;
const version1 = 0x10;
/** Bits of the standard payload types: IPMI messages and SOL; Open Session and RAKP among the set-up types. */
const support = [0x03, 0x00, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x00];

const consoleOf = perBmc((bmc) => bmc.settings.console(bmc));
const holderOf = (bmc: Bmc): Session | undefined => bmc.sessions.active.find(({ sol }) => sol !== undefined);

function activate({ bmc, session, data }: CommandContext): Answer {
  const { payloadType: wanted, instance, encrypted } = decodeActivatePayload(data);
  // SOL exists in RMCP+ sessions alone.
  if (session?.protection.version !== '2.0' || wanted !== payloadType.sol) return code.disabled;
  if (instance !== onlyInstance) return code.limit;
  if (encrypted && session.protection.suite.confidentiality === 0) return code.withoutEncryption;
  if (holderOf(bmc) !== undefined) return code.alreadyActive;
  const console = consoleOf(bmc);
  // The answer goes out before the first characters: consoles drop what comes sooner.
  setImmediate(() => {
    if (bmc.sessions.find(session.id) !== session || session.sol !== undefined) return;
    session.sol = new SolPort(console, (payload) => sendPayload(bmc, session, payloadType.sol, payload));
  });
  const size = solPacketCharacters + solHeader;
  return encodeActivatePayloadResponse({ inboundSize: size, outboundSize: size, port: bmc.port, vlan: noVlan });
}

function deactivate({ bmc, session, data }: CommandContext): Answer {
  const { payloadType: wanted, instance } = decodeDeactivatePayload(data);
  if (wanted !== payloadType.sol || instance !== onlyInstance) return completion.invalidField;
  const holder = holderOf(bmc);
  if (holder === undefined) return code.alreadyEnded;
  // Another console takes it away: its holder is told.
  if (holder !== session) holder.sol?.announceEnd();
  holder.sol?.close();
  holder.sol = undefined;
  return completion.ok;
}

function status({ bmc, data: [wanted = 0] }: CommandContext): Answer {
  const isActive = wanted === payloadType.sol && holderOf(bmc) !== undefined;
  return Uint8Array.of(onlyInstance, isActive ? 1 : 0, 0);
}

function instanceInfo({ bmc, data: [wanted = 0] }: CommandContext): Answer {
  const bytes = Buffer.alloc(12);
  const holder = wanted === payloadType.sol ? holderOf(bmc) : undefined;
  bytes.writeUInt32LE(holder?.id ?? 0);
  bytes[4] = holder === undefined ? 0 : 1;
  return bytes;
}

export const payloadCommands: CommandTable = {
  [activatePayload]: command('user', 6, activate),
  [deactivatePayload]: command('user', 6, deactivate),
  74: command('user', 1, status),
  75: command('user', 2, instanceInfo),
  // Set and Get User Payload Access: everybody who may log in may use SOL.
  76: command('administrator', 6, () => completion.ok),
  77: command('operator', 2, () => Uint8Array.of(0x02, 0, 0, 0)),
  78: command('user', 1, ({ data: [channel = 0] }) =>
    isLanChannel(channel & 0x0f) ? Uint8Array.from(support) : completion.invalidField,
  ),
  79: command('user', 2, ({ data: [channel = 0] }) =>
    isLanChannel(channel & 0x0f) ? Uint8Array.of(version1) : completion.invalidField,
  ),
};
