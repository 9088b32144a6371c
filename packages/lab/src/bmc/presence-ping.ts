// Asks whether a BMC is there: the ASF presence ping of RMCP, which needs no user and no session (IPMI 2.0, 13.2.3).
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

// RMCP header (version 6, no acknowledge, class ASF), IANA number 4542 of ASF, message type 0x80 = ping.
const presencePing = Buffer.from([6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, 0, 0, 0]);
const presencePongType = 0x40;
const messageTypeOffset = 8;
const answerTimeoutMilliseconds = 500;

/** Sends one ping; true when the pong comes. Must run where the address is reachable. */
export function answersPing(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const finish = (answered: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    const timer = setTimeout(() => finish(false), answerTimeoutMilliseconds);
    socket.on('message', (message) => finish(message[messageTypeOffset] === presencePongType));
    // "Connection refused" comes back this way while nobody listens yet.
    socket.on('error', () => finish(false));
    socket.connect(port, address, () => socket.send(presencePing));
  });
}
