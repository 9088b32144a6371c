// The BMC's side of the protocol in a few lines, built from the codecs: for what no real BMC can be made to do.
import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import * as codec from '../../src/codec/index.ts';

export interface SmallBmcOptions {
  readonly suites?: readonly number[];
  readonly password?: string;
  readonly bmcKey?: Uint8Array;
  readonly guid?: Uint8Array;
  /** Answers a request in a session: completion code and data. Undefined: no answer. */
  readonly answer?: (message: codec.Message) => Uint8Array | undefined;
  /** Answer of Get Channel Authentication Capabilities; none when absent. */
  readonly capabilities?: codec.Capabilities;
  /** Makes the keys of the login, or that of the session alone, with the privilege level of Open Session. */
  readonly keysFromOpenSession?: 'all' | 'session key';
  /** Completion code of Set Session Privilege Level; 0 when absent. */
  readonly privilegeCode?: number;
  /** Changes or drops (undefined) packets on their way out. */
  readonly outgoing?: (packet: Buffer, count: number) => readonly Buffer[];
  /** Drops packets on their way in. */
  readonly incoming?: (packet: Buffer, count: number) => boolean;
}

interface BmcSession {
  readonly bmcSessionId: number;
  readonly consoleSessionId: number;
  readonly suite: codec.CipherSuite;
  readonly openedWith: number;
  exchange?: codec.Exchange;
  keys?: codec.PacketKeys;
  readonly window: codec.SequenceWindow;
  sequence: number;
}

export interface SmallBmc {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly userName: 'admin';
  readonly password: string;
  /** Requests in sessions that were carried out, duplicates included. */
  readonly requests: codec.Message[];
  /** Logins that were begun. */
  readonly logins: () => number;
  /** Forgets all sessions, as a reset does. */
  reset(): void;
}

const { payloadType, statusCode } = codec;

export async function startSmallBmc(t: TestContext, options: SmallBmcOptions = {}): Promise<SmallBmc> {
  const { suites = [3, 17], guid = Buffer.alloc(16, 0x42) } = options;
  const password = options.password ?? 'secret12';
  const passwordBytes = Buffer.from(password);
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const sessions = new Map<number, BmcSession>();
  const requests: codec.Message[] = [];
  let logins = 0;
  let nextId = 0x1000;
  let inCount = 0;
  let outCount = 0;

  function send(packet: Buffer, to: RemoteInfo): void {
    const packets = options.outgoing?.(packet, outCount++) ?? [packet];
    for (const each of packets) socket.send(each, to.port, to.address);
  }

  const sendSetup = (type: number, payload: Buffer, to: RemoteInfo) =>
    send(
      codec.encodeV20(
        { payloadType: type, encrypted: false, authenticated: false, sessionId: 0, sequence: 0, payload },
        0,
      ),
      to,
    );

  function openSession(payload: Buffer, from: RemoteInfo): void {
    const { tag, suite, consoleSessionId, maximumPrivilege: openedWith } = codec.decodeOpenSessionRequest(payload);
    logins++;
    const known = suites.some((id) => JSON.stringify(codec.cipherSuites[id]) === JSON.stringify(suite));
    if (!known) {
      const refusal = { tag, status: statusCode.noCipherSuiteMatch };
      sendSetup(payloadType.openSessionResponse, codec.encodeOpenSessionResponse(refusal), from);
      return;
    }
    const bmcSessionId = nextId++;
    const window = new codec.SequenceWindow(1);
    sessions.set(bmcSessionId, { bmcSessionId, consoleSessionId, suite, openedWith, window, sequence: 0 });
    const response = codec.encodeOpenSessionResponse({
      tag,
      status: 0,
      maximumPrivilege: 4,
      consoleSessionId,
      bmcSessionId,
      suite,
    });
    sendSetup(payloadType.openSessionResponse, response, from);
  }

  function rakp1(payload: Buffer, from: RemoteInfo): void {
    const { tag, bmcSessionId, consoleRandom, role, userName } = codec.decodeRakp1(payload);
    const session = sessions.get(bmcSessionId);
    if (session === undefined) return;
    const { consoleSessionId, suite } = session;
    if (userName.toString() !== 'admin') {
      const refusal = { tag, status: statusCode.unauthorizedName, sessionId: consoleSessionId };
      sendSetup(payloadType.rakp2, codec.encodeRakpRefusal(refusal), from);
      return;
    }
    const bmcRandom = randomBytes(16);
    const ownRole = (role & codec.nameOnlyLookup) | session.openedWith;
    session.exchange = {
      algorithm: suite.authentication,
      consoleSessionId,
      bmcSessionId,
      consoleRandom,
      bmcRandom,
      bmcGuid: guid,
      role: options.keysFromOpenSession === 'all' ? ownRole : role,
      userName,
    };
    const code = codec.rakp2Code(session.exchange, passwordBytes);
    const response = { tag, status: 0 as const, consoleSessionId, bmcRandom, bmcGuid: guid, code };
    sendSetup(payloadType.rakp2, codec.encodeRakp2(response), from);
  }

  function rakp3(payload: Buffer, from: RemoteInfo): void {
    const message = codec.decodeRakp3(payload);
    if (!('code' in message)) {
      sessions.delete(message.sessionId);
      return;
    }
    const session = sessions.get(message.bmcSessionId);
    if (session?.exchange === undefined) return;
    const { exchange, consoleSessionId } = session;
    if (!codec.sameBytes(message.code, codec.rakp3Code(exchange, passwordBytes))) {
      const refusal = {
        tag: message.tag,
        status: statusCode.invalidIntegrityCheckValue,
        sessionId: consoleSessionId,
      };
      sendSetup(payloadType.rakp4, codec.encodeRakpRefusal(refusal), from);
      return;
    }
    const ownRole = (exchange.role & codec.nameOnlyLookup) | session.openedWith;
    const keyed = options.keysFromOpenSession === 'session key' ? { ...exchange, role: ownRole } : exchange;
    const sik = codec.sessionIntegrityKey(keyed, options.bmcKey ?? passwordBytes);
    session.keys = codec.packetKeys(session.suite, sik, passwordBytes);
    const check = codec.rakp4Check(exchange, sik);
    sendSetup(payloadType.rakp4, codec.encodeRakp4({ tag: message.tag, status: 0, consoleSessionId, check }), from);
  }

  /** What other clients ask before they log in, in the form of IPMI 1.5: whether there are logins of IPMI 2.0. */
  function beforeSession(data: Buffer, from: RemoteInfo): void {
    if (options.capabilities === undefined) return;
    const message = codec.decodeMessage(codec.decodeV15(data).payload);
    if (message.command !== codec.getChannelAuthenticationCapabilities) return;
    const answer = codec.encodeCapabilities(options.capabilities, true);
    const response = codec.encodeMessage({
      ...message,
      to: message.from,
      from: message.to,
      netFn: message.netFn | 1,
      data: Buffer.concat([Uint8Array.of(0), answer]),
    });
    send(codec.encodeV15({ authenticationType: 0, sequence: 0, sessionId: 0, payload: response }), from);
  }

  function inSession(packet: codec.DecodedV20, from: RemoteInfo): void {
    const session = sessions.get(packet.sessionId);
    if (session?.keys === undefined) return;
    const payload = codec.openPacket(session.keys, packet);
    if (session.keys.integrity.codeLength > 0 && !session.window.accept(packet.sequence, codec.windowV20)) return;
    const message = codec.decodeMessage(payload);
    requests.push(message);
    const data = answerTo(message);
    if (data === undefined) return;
    if (message.command === codec.closeSession) sessions.delete(packet.sessionId);
    session.sequence = codec.nextSequence(session.sequence);
    const response = codec.encodeMessage({
      ...message,
      to: message.from,
      from: message.to,
      netFn: message.netFn | 1,
      data,
    });
    send(
      codec.sealPacket(session.keys, {
        payloadType: payloadType.ipmi,
        sessionId: session.consoleSessionId,
        sequence: session.sequence,
        payload: response,
      }),
      from,
    );
  }

  function answerTo(message: codec.Message): Uint8Array | undefined {
    if (message.command === codec.setSessionPrivilegeLevel) {
      return Buffer.of(options.privilegeCode ?? 0, message.data[0] ?? 0);
    }
    if (message.command === codec.closeSession) return Buffer.of(0);
    if (options.answer !== undefined) return options.answer(message);
    return Buffer.of(0, message.command, ...message.data);
  }

  socket.on('message', (bytes, from) => {
    if (options.incoming?.(bytes, inCount++) === false) return;
    const { data } = codec.decodeRmcp(bytes);
    if (data[0] !== codec.authenticationType.rmcpPlus) {
      beforeSession(data, from);
      return;
    }
    const packet = codec.decodeV20(data);
    const handlers: Record<number, (payload: Buffer, from: RemoteInfo) => void> = {
      [payloadType.openSessionRequest]: openSession,
      [payloadType.rakp1]: rakp1,
      [payloadType.rakp3]: rakp3,
    };
    const handle = handlers[packet.payloadType];
    if (handle === undefined) inSession(packet, from);
    else handle(packet.payload, from);
  });

  return {
    host: '127.0.0.1',
    port: socket.address().port,
    userName: 'admin',
    password,
    requests,
    logins: () => logins,
    reset: () => sessions.clear(),
  };
}
