// What a BMC says: messages that answer requests, in packets of the session, wrong ones where a fault has it so.
import { encodeMessage, encodeV15, type Message, nextSequence, sealPacket, v15Code } from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import type { Session } from './session.ts';

/** The message that answers a request; `data` begins with the completion code. */
export function answerTo(request: Message, data: Uint8Array): Buffer {
  return encodeMessage({
    to: request.from,
    toLun: request.fromLun,
    netFn: request.netFn | 1,
    from: request.to,
    fromLun: request.toLun,
    sequence: request.sequence,
    command: request.command,
    data,
  });
}

const v15CodeStart = 13;

function strikes(bmc: Bmc, name: 'checksum' | 'code'): boolean {
  if (bmc.fault?.name !== name || !bmc.fault.strikes()) return false;
  bmc.counts.faults += 1;
  return true;
}

function flipLastByte(bytes: Buffer): Buffer {
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 0xff;
  return bytes;
}

/** Sends a payload in a session. */
export function sendPayload(bmc: Bmc, session: Session, payloadType: number, payload: Buffer): void {
  const { protection, user } = session;
  const sent = strikes(bmc, 'checksum') ? flipLastByte(payload) : payload;
  if (protection.version === '2.0') {
    if (protection.keys === undefined) return;
    session.outboundSequence = nextSequence(session.outboundSequence);
    const { consoleId: sessionId, outboundSequence: sequence } = session;
    const packet = sealPacket(protection.keys, { payloadType, sessionId, sequence, payload: sent });
    const isWrong = protection.keys.integrity.codeLength > 0 && strikes(bmc, 'code');
    bmc.send(isWrong ? flipLastByte(packet) : packet, session.peer);
    return;
  }
  if (user === undefined) return;
  const { authenticationType } = protection;
  const bare = { authenticationType, sequence: session.outboundSequence, sessionId: session.id, payload: sent };
  session.outboundSequence = nextSequence(session.outboundSequence);
  const code = v15Code(bare, user.password);
  const packet = encodeV15(code === undefined ? bare : { ...bare, authenticationCode: code });
  if (code !== undefined && strikes(bmc, 'code')) packet[v15CodeStart] = (packet[v15CodeStart] ?? 0) ^ 0xff;
  bmc.send(packet, session.peer);
}
