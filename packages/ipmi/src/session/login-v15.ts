// Login of IPMI 1.5: challenge and activation (22.16, 22.17). Weak by design, hence only when asked for.
import { randomBytes } from 'node:crypto';
import {
  activateSession as activateSessionCommand,
  authenticationType,
  bmcAddress,
  type Capabilities,
  decodeActivateResponse,
  decodeChallenge,
  decodeMessage,
  encodeActivateRequest,
  encodeChallengeRequest,
  encodeMessage,
  encodeV15,
  getSessionChallenge,
  networkFunction,
  payloadType,
  privilegeLevel,
  remoteConsoleAddress,
  v15Code,
} from '../codec/index.ts';
import { completionCodeText } from '../completion-codes.ts';
import { AuthenticationError, SessionRefusedError, TimeoutError } from '../errors.ts';
import { ActiveV15 } from './active.ts';
import { askCapabilities, dataOf } from './capabilities.ts';
import { answers, type Conversation } from './conversation.ts';
import { peerName } from './exchange.ts';
import type { ResolvedOptions, V15Authentication } from './options.ts';
import type { Limits } from './perform.ts';

const netFn = networkFunction.application;
/** Completion codes of Activate Session that are about the privilege level; the others are about room for sessions. */
const privilegeRefused: ReadonlySet<number> = new Set([0x83, 0x86]);
const noRoom: ReadonlySet<number> = new Set([0x81, 0x82]);
const unknownUser: ReadonlySet<number> = new Set([0x81, 0x82]);

function choose(options: ResolvedOptions, offered: Capabilities, address: string): V15Authentication {
  const chosen = options.v15Authentication.find((type) => offered[type]);
  if (chosen !== undefined) return chosen;
  const names = (['none', 'md2', 'md5', 'straightPassword', 'oem'] as const).filter((type) => offered[type]);
  throw new AuthenticationError(
    address,
    'authentication type',
    `the BMC offers ${names.join(', ') || 'nothing'} for IPMI 1.5 at this privilege level; allowed are ${options.v15Authentication.join(', ')}`,
  );
}

/** Logs in. The BMC answers no packet with a wrong code, so a wrong password is silence at the last step. */
export async function loginV15(
  conversation: Conversation,
  options: ResolvedOptions,
  { budget, signal }: Limits,
): Promise<ActiveV15> {
  const address = peerName(conversation.peer);
  const privilege = privilegeLevel[options.privilege];
  const offered = await askCapabilities(conversation, privilege, false, { budget, signal, begins: true });
  const chosen = choose(options, offered, address);
  const type = authenticationType[chosen];
  const challengeRequest = {
    netFn,
    command: getSessionChallenge,
    data: encodeChallengeRequest({ authenticationType: type, userName: options.userName }),
  };
  const challenged = await conversation.askSessionless(challengeRequest, {
    what: 'Get Session Challenge',
    budget,
    signal,
  });
  const code = challenged.data[0] ?? 0;
  if (unknownUser.has(code)) {
    const text = completionCodeText(netFn, getSessionChallenge, code);
    throw new AuthenticationError(address, 'user', `Get Session Challenge was refused: ${text}`);
  }
  const { temporarySessionId, challenge } = decodeChallenge(
    dataOf(challenged, { netFn, command: getSessionChallenge }),
  );
  const firstFromBmc = randomBytes(4).readUInt32LE() || 1;
  const sequence = conversation.nextMessageSequence();
  const payload = encodeMessage({
    to: bmcAddress,
    toLun: 0,
    netFn,
    from: remoteConsoleAddress,
    fromLun: 0,
    sequence,
    command: activateSessionCommand,
    data: encodeActivateRequest({ authenticationType: type, privilege, challenge, outboundSequence: firstFromBmc }),
  });
  const bare = { authenticationType: type, sequence: 0, sessionId: temporarySessionId, payload };
  const packetCode = v15Code(bare, options.password);
  const packet = encodeV15(packetCode === undefined ? bare : { ...bare, authenticationCode: packetCode });
  const activated = await conversation
    .ask({ what: 'Activate Session', makePacket: () => packet, budget, signal }, (bytes, kind) => {
      if (kind !== payloadType.ipmi) return undefined;
      const message = decodeMessage(bytes);
      return answers(message, netFn, activateSessionCommand, sequence) ? message : undefined;
    })
    .catch((error: unknown) => {
      if (!(error instanceof TimeoutError)) throw error;
      const text = 'the BMC answers until Activate Session, and not to that: the password is probably wrong';
      throw Object.assign(new AuthenticationError(address, 'password', text), { cause: error });
    });
  refuse(activated.data[0] ?? 0, address);
  const session = decodeActivateResponse(dataOf(activated, { netFn, command: activateSessionCommand }));
  if (session.authenticationType !== type && !options.v15Authentication.includes('none')) {
    throw new AuthenticationError(
      address,
      'authentication type',
      'the BMC has per-message authentication disabled; add none to the allowed authentication types to go on',
    );
  }
  return new ActiveV15(
    session.sessionId,
    session.authenticationType,
    options.password,
    session.inboundSequence,
    firstFromBmc,
  );
}

function refuse(code: number, address: string): void {
  if (!privilegeRefused.has(code) && !noRoom.has(code)) return;
  const text = completionCodeText(netFn, activateSessionCommand, code);
  if (noRoom.has(code)) throw new SessionRefusedError(address, code, `Activate Session was refused: ${text}`);
  throw new AuthenticationError(address, 'privilege', `Activate Session was refused: ${text}`);
}
