// Login of IPMI 2.0: Open Session and RAKP messages 1 to 4, with every check of what the BMC answers (13.15 to 13.23).
import { randomBytes } from 'node:crypto';
import {
  type CipherSuite,
  decodeOpenSessionResponse,
  decodeRakp2,
  decodeRakp4,
  describeSuite,
  encodeOpenSessionRequest,
  encodeRakp1,
  encodeRakp3,
  encodeRakpRefusal,
  encodeV20,
  guidLength,
  type Exchange as KeyExchange,
  nameOnlyLookup,
  type OpenSessionRefusal,
  type OpenSessionResponse,
  packetKeys,
  payloadType,
  privilegeLevel,
  rakp2Code,
  rakp3Code,
  rakp4Check,
  randomNumberLength,
  sameBytes,
  sessionIntegrityKey,
  statusCode,
  statusMeaning,
} from '../codec/index.ts';
import { AuthenticationError, SessionRefusedError, TimeoutError } from '../errors.ts';
import { ActiveV20 } from './active.ts';
import type { Budget } from './budget.ts';
import type { Conversation } from './conversation.ts';
import { peerName } from './exchange.ts';
import type { ResolvedOptions } from './options.ts';

/** RAKP messages 1 and 3 are sent twice; BMCs that are past that step ignore more, and the login is begun anew. */
const attemptsPerStep = 2;
/** BMCs compute for long, and some forget the first RAKP message 1 when they get it again: that is done late. */
const minimumWaitMilliseconds = 1500;
/** How often a login is begun anew after the BMC answered that it is not where we are. */
const maximumConfusions = 2;

interface Attempt {
  readonly conversation: Conversation;
  readonly options: ResolvedOptions;
  /** Open Session names the privilege level, for BMCs that make keys with what it says. */
  readonly explicitPrivilege: boolean;
  readonly suite: CipherSuite;
  readonly budget: Budget;
  readonly signal: AbortSignal | undefined;
}

/** The suite was refused, or not even answered: another one may do. */
export class SuiteRefused extends AuthenticationError {}

/** The BMC makes its keys with the privilege level of Open Session, where the specification has that of RAKP message 1. */
class KeysFromOpenSession extends AuthenticationError {}

/** BMC and we are at different places of the login, because a packet was lost or came twice: it is begun anew. */
class Confused extends SessionRefusedError {}

const confusing: ReadonlySet<number> = new Set([statusCode.invalidSessionId, statusCode.inactiveSessionId]);

function refused(attempt: Attempt, status: number, what: string): never {
  const address = peerName(attempt.conversation.peer);
  if (confusing.has(status)) throw new Confused(address, status, `${what}: ${statusMeaning(status).text}`);
  const { subject, text } = statusMeaning(status);
  const message = `${what} was refused with status 0x${status.toString(16).padStart(2, '0')}: ${text}`;
  if (subject === 'suite') {
    throw new SuiteRefused(address, 'suite', `${message} (asked for ${describeSuite(attempt.suite)})`);
  }
  if (subject === 'privilege' || subject === 'user' || subject === 'password') {
    throw new AuthenticationError(address, subject, message);
  }
  throw new SessionRefusedError(address, status, message);
}

function setup(payloadTypeNumber: number, payload: Buffer): () => Buffer {
  const packet = encodeV20(
    { payloadType: payloadTypeNumber, encrypted: false, authenticated: false, sessionId: 0, sequence: 0, payload },
    0,
  );
  return () => packet;
}

/** What Open Session asks for: "the highest that the suite allows", since some BMCs refuse administrator there though they grant it later. */
function openSessionPrivilege({ options, explicitPrivilege }: Attempt): number {
  const level = privilegeLevel[options.privilege];
  return level === privilegeLevel.administrator && !explicitPrivilege ? 0 : level;
}

/** The exchange as a BMC sees it that takes the privilege level from Open Session; undefined when that is the same. */
function fromOpenSession(attempt: Attempt, exchange: KeyExchange): KeyExchange | undefined {
  const role = (exchange.role & nameOnlyLookup) | openSessionPrivilege(attempt);
  return role === exchange.role ? undefined : { ...exchange, role };
}

function keysFromOpenSession({ conversation }: Attempt): KeysFromOpenSession {
  const address = peerName(conversation.peer);
  return new KeysFromOpenSession(
    address,
    'password',
    'the BMC makes its keys with the privilege level of Open Session',
  );
}

const newSessionId = () => randomBytes(4).readUInt32LE() || 1;

async function openSession(attempt: Attempt): Promise<{ consoleSessionId: number; bmcSessionId: number }> {
  const { conversation, suite, budget, signal } = attempt;
  const consoleSessionId = newSessionId();
  const tag = consoleSessionId & 0xff;
  const request = encodeOpenSessionRequest({
    tag,
    maximumPrivilege: openSessionPrivilege(attempt),
    consoleSessionId,
    suite,
  });
  const response = await conversation.ask<OpenSessionResponse | OpenSessionRefusal>(
    {
      what: 'Open Session',
      makePacket: setup(payloadType.openSessionRequest, request),
      budget,
      begins: true,
      signal,
    },
    (payload, type) => {
      if (type !== payloadType.openSessionResponse) return undefined;
      const decoded = decodeOpenSessionResponse(payload);
      if (decoded.tag !== tag) return undefined;
      if ('suite' in decoded && decoded.consoleSessionId !== consoleSessionId) return undefined;
      return decoded;
    },
  );
  if (!('suite' in response)) refused(attempt, response.status, 'Open Session');
  const address = peerName(conversation.peer);
  if (response.bmcSessionId === 0) {
    throw new SessionRefusedError(address, statusCode.invalidSessionId, 'the BMC opened a session with the id 0');
  }
  const same =
    response.suite.authentication === suite.authentication &&
    response.suite.integrity === suite.integrity &&
    response.suite.confidentiality === suite.confidentiality;
  if (!same) {
    throw new SuiteRefused(
      address,
      'suite',
      `asked for ${describeSuite(suite)}, the BMC answered with ${describeSuite(response.suite)}`,
    );
  }
  return { consoleSessionId, bmcSessionId: response.bmcSessionId };
}

/** RAKP messages 1 and 2: the BMC proves that it knows the password. */
async function rakp12(
  attempt: Attempt,
  ids: { readonly consoleSessionId: number; readonly bmcSessionId: number },
): Promise<KeyExchange> {
  const { conversation, options, suite, budget, signal } = attempt;
  const consoleRandom = randomBytes(randomNumberLength);
  const role = privilegeLevel[options.privilege] | (options.userLookup === 'name' ? nameOnlyLookup : 0);
  const tag = (ids.consoleSessionId + 1) & 0xff;
  const { userName } = options;
  const request = encodeRakp1({ tag, bmcSessionId: ids.bmcSessionId, consoleRandom, role, userName });
  const response = await conversation.ask(
    {
      what: 'RAKP message 1',
      makePacket: setup(payloadType.rakp1, request),
      budget,
      maximumAttempts: attemptsPerStep,
      minimumWait: minimumWaitMilliseconds,
      signal,
    },
    (payload, type) => {
      if (type !== payloadType.rakp2) return undefined;
      const decoded = decodeRakp2(payload);
      if (decoded.tag !== tag) return undefined;
      if ('code' in decoded && decoded.consoleSessionId !== ids.consoleSessionId) return undefined;
      return decoded;
    },
  );
  if (!('code' in response)) refused(attempt, response.status, 'RAKP message 1');
  const exchange: KeyExchange = {
    algorithm: suite.authentication,
    ...ids,
    consoleRandom,
    bmcRandom: response.bmcRandom,
    bmcGuid: response.bmcGuid,
    role,
    userName,
  };
  const address = peerName(conversation.peer);
  if (!sameBytes(response.code, rakp2Code(exchange, options.password))) {
    giveUp(attempt, exchange, statusCode.invalidIntegrityCheckValue);
    const asOpened = fromOpenSession(attempt, exchange);
    if (asOpened !== undefined && sameBytes(response.code, rakp2Code(asOpened, options.password))) {
      throw keysFromOpenSession(attempt);
    }
    throw new AuthenticationError(
      address,
      'password',
      'the code of RAKP message 2 is wrong: the password is wrong, or what answers is not the BMC',
    );
  }
  if (options.guid !== undefined && !sameBytes(response.bmcGuid, options.guid)) {
    giveUp(attempt, exchange, statusCode.unauthorizedGuid);
    throw new AuthenticationError(
      address,
      'server',
      `the BMC has the GUID ${Buffer.from(response.bmcGuid).toString('hex')}, not ${Buffer.from(options.guid.subarray(0, guidLength)).toString('hex')}`,
    );
  }
  return exchange;
}

/** Tells the BMC that the login ends here, so that it need not keep the session's place. */
function giveUp(attempt: Attempt, exchange: KeyExchange, status: number): void {
  const tag = (exchange.consoleSessionId + 2) & 0xff;
  const refusal = encodeRakpRefusal({ tag, status, sessionId: exchange.bmcSessionId });
  attempt.conversation.transport.send(attempt.conversation.peer, setup(payloadType.rakp3, refusal)());
}

/** RAKP messages 3 and 4: we prove that we know the password, and the BMC that it has the same keys. */
async function rakp34(attempt: Attempt, exchange: KeyExchange): Promise<ActiveV20> {
  const { conversation, options, suite, budget, signal } = attempt;
  const tag = (exchange.consoleSessionId + 2) & 0xff;
  const code = rakp3Code(exchange, options.password);
  const request = encodeRakp3({ tag, status: 0, bmcSessionId: exchange.bmcSessionId, code });
  const response = await conversation.ask(
    {
      what: 'RAKP message 3',
      makePacket: setup(payloadType.rakp3, request),
      budget,
      maximumAttempts: attemptsPerStep,
      minimumWait: minimumWaitMilliseconds,
      signal,
    },
    (payload, type) => {
      if (type !== payloadType.rakp4) return undefined;
      const decoded = decodeRakp4(payload);
      if (decoded.tag !== tag) return undefined;
      if ('check' in decoded && decoded.consoleSessionId !== exchange.consoleSessionId) return undefined;
      return decoded;
    },
  );
  if (!('check' in response)) {
    // The BMC has just proved that it knows the password, so its not knowing ours means that it computed with another
    // random number: the one of a RAKP message 1 that it got again.
    if (response.status === statusCode.invalidIntegrityCheckValue) {
      const text = 'the BMC does not accept the code of RAKP message 3, though it knows the same password';
      throw new Confused(peerName(conversation.peer), response.status, text);
    }
    refused(attempt, response.status, 'RAKP message 3');
  }
  const sik = sessionIntegrityKey(exchange, options.bmcKey ?? options.password);
  const expected = rakp4Check(exchange, sik);
  if (!sameBytes(response.check, expected)) {
    const asOpened = fromOpenSession(attempt, exchange);
    const itsKey = asOpened && sessionIntegrityKey(asOpened, options.bmcKey ?? options.password);
    if (itsKey !== undefined && sameBytes(response.check, rakp4Check(exchange, itsKey))) {
      throw keysFromOpenSession(attempt);
    }
    throw new AuthenticationError(
      peerName(conversation.peer),
      'bmc key',
      options.bmcKey === undefined
        ? 'the check of RAKP message 4 is wrong: the BMC has a key (Kg) of its own, give it as bmcKey'
        : 'the check of RAKP message 4 is wrong: the BMC key (Kg) is wrong, or the BMC has none',
    );
  }
  const keys = packetKeys(suite, sik, options.password);
  return new ActiveV20(exchange.consoleSessionId, exchange.bmcSessionId, keys);
}

/** Logs in with one suite; begins anew while RAKP messages get lost and there is time, and for BMCs that make keys otherwise. */
export async function loginWithSuite(
  given: Attempt,
): Promise<Pick<Attempt, 'explicitPrivilege'> & { active: ActiveV20 }> {
  let attempt = given;
  let confusions = 0;
  for (;;) {
    const ids = await openSession(attempt);
    try {
      const active = await rakp34(attempt, await rakp12(attempt, ids));
      return { active, explicitPrivilege: attempt.explicitPrivilege };
    } catch (error) {
      if (error instanceof KeysFromOpenSession) {
        // With the level named it is the same one in both places.
        attempt = { ...attempt, explicitPrivilege: true };
        continue;
      }
      const again = error instanceof TimeoutError || (error instanceof Confused && confusions++ < maximumConfusions);
      if (!again || attempt.budget.left === 0) throw error;
    }
  }
}
