// The BMC's side of an RMCP+ login: Open Session and RAKP messages 1 to 4 (IPMI 2.0, 13.17 to 13.23).
import { randomBytes } from 'node:crypto';
import {
  authenticationAlgorithms,
  cipherSuites,
  confidentialityAlgorithms,
  decodeOpenSessionRequest,
  decodeRakp1,
  decodeRakp3,
  encodeOpenSessionResponse,
  encodeRakp2,
  encodeRakp4,
  encodeRakpRefusal,
  integrityAlgorithms,
  nameOnlyLookup,
  type OpenSessionRequest,
  packetKeys,
  payloadType,
  privilegeLevel,
  rakp2Code,
  rakp3Code,
  rakp4Check,
  randomNumberLength,
  SequenceWindow,
  sameBytes,
  sessionIntegrityKey,
  statusCode,
} from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import type { User } from '../users.ts';
import type { Peer } from './session.ts';

/** A payload that goes back outside of any session. */
export interface SetupAnswer {
  readonly payloadType: number;
  readonly payload: Buffer;
}

const firstSequence = 1;
const roleMask = 0x0f;

function refusedSuite(bmc: Bmc, { suite }: OpenSessionRequest): number {
  if (authenticationAlgorithms[suite.authentication] === undefined) return statusCode.invalidAuthenticationAlgorithm;
  if (integrityAlgorithms[suite.integrity] === undefined) return statusCode.invalidIntegrityAlgorithm;
  if (confidentialityAlgorithms[suite.confidentiality] === undefined) {
    return statusCode.invalidConfidentialityAlgorithm;
  }
  const isOffered = bmc.settings.suites.some((id) => {
    const offered = cipherSuites[id];
    return (
      offered?.authentication === suite.authentication &&
      offered.integrity === suite.integrity &&
      offered.confidentiality === suite.confidentiality
    );
  });
  return isOffered ? statusCode.ok : statusCode.noCipherSuiteMatch;
}

export function openSession(bmc: Bmc, payload: Buffer, peer: Peer): SetupAnswer {
  const request = decodeOpenSessionRequest(payload);
  const { tag, suite, consoleSessionId } = request;
  const refuse = (status: number) => ({
    payloadType: payloadType.openSessionResponse,
    payload: encodeOpenSessionResponse({ tag, status }),
  });
  const refusal = refusedSuite(bmc, request);
  if (refusal !== statusCode.ok) return refuse(refusal);
  const { administrator } = privilegeLevel;
  if (request.maximumPrivilege > administrator) return refuse(statusCode.invalidRole);
  const begun = bmc.sessions.unfinished(consoleSessionId, peer);
  if (begun !== undefined) bmc.sessions.close(begun);
  const session = bmc.refusesSession()
    ? undefined
    : bmc.sessions.open(consoleSessionId, peer, { version: '2.0', suite });
  if (session === undefined) return refuse(statusCode.insufficientResources);
  session.privilegeLimit = request.maximumPrivilege === 0 ? administrator : request.maximumPrivilege;
  return {
    payloadType: payloadType.openSessionResponse,
    payload: encodeOpenSessionResponse({
      tag,
      status: statusCode.ok,
      maximumPrivilege: session.privilegeLimit,
      consoleSessionId,
      bmcSessionId: session.id,
      suite,
    }),
  };
}

/** The user of RAKP message 1, or why there is none: looked up by the name alone, or by privilege level and name. */
function userOf(bmc: Bmc, userName: Uint8Array, role: number): User | number {
  const named = bmc.users.named(userName);
  const wanted = role & roleMask;
  if ((role & nameOnlyLookup) === 0) {
    return named.find((user) => user.privilege >= wanted) ?? statusCode.unauthorizedName;
  }
  const [user] = named;
  if (user === undefined) return statusCode.unauthorizedName;
  return wanted > user.privilege ? statusCode.unauthorizedRole : user;
}

export function rakp1(bmc: Bmc, payload: Buffer): SetupAnswer | undefined {
  const { tag, bmcSessionId, consoleRandom, role, userName } = decodeRakp1(payload);
  const session = bmc.sessions.find(bmcSessionId);
  // Without a session there is no console session id to answer to.
  if (session === undefined || session.protection.version !== '2.0' || session.isActive) return undefined;
  const { consoleId, protection } = session;
  const user = userOf(bmc, userName, role);
  if (typeof user === 'number') {
    bmc.sessions.close(session);
    const refusal = { tag, status: user, sessionId: consoleId };
    return { payloadType: payloadType.rakp2, payload: encodeRakpRefusal(refusal) };
  }
  session.user = user;
  session.privilegeLimit = Math.min(session.privilegeLimit, user.privilege, role & roleMask || user.privilege);
  const { exchange: before } = protection;
  // A message that comes twice gets the same answer, or the console could not tell which one counts.
  const isRepeated = before !== undefined && sameBytes(before.consoleRandom, consoleRandom);
  const exchange = {
    algorithm: protection.suite.authentication,
    consoleSessionId: consoleId,
    bmcSessionId,
    consoleRandom: Buffer.from(consoleRandom),
    bmcRandom: isRepeated ? before.bmcRandom : randomBytes(randomNumberLength),
    bmcGuid: bmc.guid,
    role,
    userName: Buffer.from(userName),
  };
  protection.exchange = exchange;
  const code = rakp2Code(exchange, user.password);
  const { bmcRandom, bmcGuid } = exchange;
  return {
    payloadType: payloadType.rakp2,
    payload: encodeRakp2({ tag, status: 0, consoleSessionId: consoleId, bmcRandom, bmcGuid, code }),
  };
}

export function rakp3(bmc: Bmc, payload: Buffer): SetupAnswer | undefined {
  const message = decodeRakp3(payload);
  const session = bmc.sessions.find('code' in message ? message.bmcSessionId : message.sessionId);
  if (session === undefined || session.protection.version !== '2.0') return undefined;
  if (!('code' in message)) {
    // The console found our code wrong and gives up.
    if (!session.isActive) bmc.sessions.close(session);
    return undefined;
  }
  const { exchange } = session.protection;
  if (exchange === undefined || session.user === undefined) return undefined;
  if (!sameBytes(message.code, rakp3Code(exchange, session.user.password))) {
    if (!session.isActive) bmc.sessions.close(session);
    const refusal = {
      tag: message.tag,
      status: statusCode.invalidIntegrityCheckValue,
      sessionId: session.consoleId,
    };
    return { payloadType: payloadType.rakp4, payload: encodeRakpRefusal(refusal) };
  }
  const sik = sessionIntegrityKey(exchange, bmc.settings.bmcKey ?? session.user.password);
  if (!session.isActive) {
    session.protection.keys = packetKeys(session.protection.suite, sik, session.user.password);
    session.window = new SequenceWindow(firstSequence);
    session.isActive = true;
    session.privilege = Math.min(privilegeLevel.user, session.privilegeLimit);
    session.lastSeen = Date.now();
  }
  const check = rakp4Check(exchange, sik);
  return {
    payloadType: payloadType.rakp4,
    payload: encodeRakp4({ tag: message.tag, status: 0, consoleSessionId: session.consoleId, check }),
  };
}
