// A packet comes in: which layer it is for, whether it may pass, and the packet that answers it.
import { ProtocolError } from '@wrought/ipmi';
import * as codec from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import { completed, perform } from '../commands/perform.ts';
import { relayed } from '../commands/satellites.ts';
import { activate, challenge, offersV15 } from './login-v15.ts';
import { openSession, rakp1, rakp3, type SetupAnswer } from './login-v20.ts';
import { answerTo, sendPayload } from './send.ts';
import type { Peer, Session } from './session.ts';

const { payloadType } = codec;
const nodeBusy = 0xc0;

const setupHandlers: Readonly<Record<number, (bmc: Bmc, payload: Buffer, peer: Peer) => SetupAnswer | undefined>> = {
  [payloadType.openSessionRequest]: openSession,
  [payloadType.rakp1]: rakp1,
  [payloadType.rakp3]: rakp3,
};

/** Carries out what a packet asks, and answers. What is no packet of the protocol is passed over, as BMCs do. */
export function receive(bmc: Bmc, bytes: Buffer, peer: Peer): void {
  try {
    const { messageClass, data } = codec.decodeRmcp(bytes);
    if (messageClass === 'asf') ping(bmc, bytes, peer);
    else if (data[0] === codec.authenticationType.rmcpPlus) receiveV20(bmc, codec.decodeV20(data), peer);
    else receiveV15(bmc, codec.decodeV15(data), peer);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

function ping(bmc: Bmc, bytes: Buffer, peer: Peer): void {
  const asf = codec.decodeAsf(bytes);
  if (asf.type !== 'ping') return;
  const pong = { tag: asf.tag, enterprise: 4542, oemDefined: 0, supportsIpmi: true, supportedInteractions: 0 };
  bmc.send(codec.encodePong(pong), peer);
}

function receiveV20(bmc: Bmc, packet: codec.DecodedV20, peer: Peer): void {
  if (packet.sessionId === 0) {
    beforeSession(bmc, packet, peer);
    return;
  }
  const session = bmc.sessions.find(packet.sessionId);
  if (session?.protection.version !== '2.0' || session.protection.keys === undefined) return;
  const { keys } = session.protection;
  const payload = codec.openPacket(keys, packet);
  // Without integrity anyone could move the window, so it is not kept.
  const isCounted = keys.integrity.codeLength > 0;
  if (isCounted && session.window?.accept(packet.sequence, codec.windowV20) !== true) return;
  session.peer = peer;
  session.lastSeen = Date.now();
  if (packet.payloadType === payloadType.ipmi) inSession(bmc, session, payload);
  else if (packet.payloadType === payloadType.sol) session.sol?.receive(payload);
}

function beforeSession(bmc: Bmc, packet: codec.DecodedV20, peer: Peer): void {
  const outside = { encrypted: false, authenticated: false, sessionId: 0, sequence: 0 };
  if (packet.payloadType === payloadType.ipmi && !packet.authenticated && !packet.encrypted) {
    const message = codec.decodeMessage(packet.payload);
    const payload = answerTo(
      message,
      perform({ bmc, session: undefined, data: message.data, lun: message.toLun }, message),
    );
    bmc.send(codec.encodeV20({ ...outside, payloadType: payloadType.ipmi, payload }, 0), peer);
    return;
  }
  const answer = setupHandlers[packet.payloadType]?.(bmc, packet.payload, peer);
  if (answer === undefined) return;
  if (answer.payloadType === payloadType.rakp4) bmc.counts.logins += 1;
  bmc.send(codec.encodeV20({ ...outside, ...answer }, 0), peer);
}

function receiveV15(bmc: Bmc, packet: codec.V15Packet & { readonly payload: Buffer }, peer: Peer): void {
  const message = codec.decodeMessage(packet.payload);
  if (packet.sessionId === 0) {
    const isChallenge =
      message.netFn === codec.networkFunction.application && message.command === codec.getSessionChallenge;
    const answer = isChallenge
      ? completed(challenge(bmc, message.data, peer))
      : perform({ bmc, session: undefined, data: message.data, lun: message.toLun }, message);
    const outside = { authenticationType: codec.authenticationType.none, sequence: 0, sessionId: 0 };
    bmc.send(codec.encodeV15({ ...outside, payload: answerTo(message, answer) }), peer);
    return;
  }
  const session = bmc.sessions.find(packet.sessionId);
  if (session?.protection.version !== '1.5' || session.user === undefined) return;
  if (!offersV15(bmc, packet.authenticationType)) return;
  if (packet.authenticationType !== session.protection.authenticationType) return;
  codec.checkV15Code(packet, session.user.password);
  const isActivation = message.netFn === codec.networkFunction.application && message.command === codec.activateSession;
  if (isActivation) {
    session.peer = peer;
    session.lastSeen = Date.now();
    const wasActive = session.isActive;
    const answer = completed(activate(session, message.data));
    if (session.isActive && !wasActive) bmc.counts.logins += 1;
    sendPayload(bmc, session, payloadType.ipmi, answerTo(message, answer));
    return;
  }
  if (!session.isActive || session.window?.accept(packet.sequence, codec.windowV15) !== true) return;
  session.peer = peer;
  session.lastSeen = Date.now();
  inSession(bmc, session, packet.payload);
}

function inSession(bmc: Bmc, session: Session, payload: Buffer): void {
  const message = codec.decodeMessage(payload);
  if (message.to !== codec.bmcAddress) return;
  bmc.counts.requests += 1;
  const { fault } = bmc;
  if (fault?.name === 'resetting' && fault.strikes()) {
    bmc.counts.faults += 1;
    bmc.reset();
    return;
  }
  let data: Buffer;
  if (fault?.name === 'busy' && fault.strikes()) {
    bmc.counts.faults += 1;
    data = Buffer.of(nodeBusy);
  } else {
    data = perform({ bmc, session, data: message.data, lun: message.toLun }, message);
  }
  sendPayload(bmc, session, payloadType.ipmi, answerTo(message, data));
  const bridged = data[0] === 0 ? relayed(bmc, message) : undefined;
  if (bridged !== undefined) sendPayload(bmc, session, payloadType.ipmi, bridged);
}
