// The BMC's side of a login with IPMI 1.5: Get Session Challenge and Activate Session (IPMI 2.0, 22.16 and 22.17).
import { randomBytes, randomInt } from 'node:crypto';
import {
  authenticationType,
  decodeActivateRequest,
  decodeChallengeRequest,
  encodeActivateResponse,
  encodeChallenge,
  privilegeLevel,
  SequenceWindow,
  sameBytes,
} from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import type { Answer } from '../commands/command.ts';
import type { V15Login } from '../settings.ts';
import type { Peer, Session } from './session.ts';

const challengeLength = 16;
const highestFirstSequence = 0x7fffffff;

/** Completion codes of both commands. */
const refusal = {
  invalidUser: 0x81,
  nullUserDisabled: 0x82,
  sequenceOutOfRange: 0x84,
  privilegeExceeded: 0x86,
  nodeBusy: 0xc0,
  invalidField: 0xcc,
} as const;

const loginNames: readonly V15Login[] = ['none', 'md5', 'straightPassword'];

/** Whether IPMI 1.5 is on, and with this authentication type. */
export function offersV15(bmc: Bmc, type: number): boolean {
  return loginNames.some((name) => authenticationType[name] === type && bmc.settings.v15Logins.includes(name));
}

/** Answers a request before the login; the session that is begun has the temporary session id as its id. */
export function challenge(bmc: Bmc, data: Buffer, peer: Peer): Answer {
  const { authenticationType: type, userName } = decodeChallengeRequest(data);
  if (!offersV15(bmc, type)) return refusal.invalidField;
  const [user] = bmc.users.named(userName);
  if (user === undefined) return userName.length === 0 ? refusal.nullUserDisabled : refusal.invalidUser;
  const given = randomBytes(challengeLength);
  const session = bmc.refusesSession()
    ? undefined
    : bmc.sessions.open(0, peer, { version: '1.5', authenticationType: type, challenge: given });
  if (session === undefined) return refusal.nodeBusy;
  session.user = user;
  return encodeChallenge({ temporarySessionId: session.id, challenge: given });
}

/** Takes a request whose authentication code was checked already. */
export function activate(session: Session, data: Buffer): Answer {
  const { user, protection } = session;
  if (protection.version !== '1.5' || user === undefined) return refusal.invalidField;
  const request = decodeActivateRequest(data);
  if (request.authenticationType !== protection.authenticationType) return refusal.invalidField;
  if (!sameBytes(request.challenge, protection.challenge)) return refusal.invalidField;
  if (request.outboundSequence === 0) return refusal.sequenceOutOfRange;
  if (request.privilege > user.privilege) return refusal.privilegeExceeded;
  const inboundSequence = randomInt(1, highestFirstSequence);
  if (!session.isActive) {
    session.isActive = true;
    session.privilegeLimit = request.privilege;
    session.privilege = Math.min(privilegeLevel.user, request.privilege);
    session.outboundSequence = request.outboundSequence;
    session.firstInbound = inboundSequence;
    session.window = new SequenceWindow(inboundSequence);
  }
  return encodeActivateResponse({
    authenticationType: protection.authenticationType,
    sessionId: session.id,
    inboundSequence: session.firstInbound,
    privilege: session.privilegeLimit,
  });
}
