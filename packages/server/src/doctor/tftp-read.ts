// Reads one small file over TFTP, as the firmware of a machine would (RFC 1350).
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const DATA = 3;
const ACK = 4;
const ERROR = 5;
const BLOCK_BYTES = 512;
const MOST_BLOCKS = 2048;
const TIMEOUT_MILLISECONDS = 3_000;
const TRIES = 2;

function readRequest(file: string): Buffer {
  return Buffer.from(`\0\x01${file}\0octet\0`, 'latin1');
}

function acknowledgement(block: number): Buffer {
  const packet = Buffer.alloc(4);
  packet.writeUInt16BE(ACK, 0);
  packet.writeUInt16BE(block, 2);
  return packet;
}

/**
 * The bytes of a file on a TFTP server, at most a MiB.
 * @throws Error with what the server said, or that it did not answer
 */
export function readOverTftp(host: string, file: string, port = 69): Promise<Buffer> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const blocks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let last = { packet: readRequest(file), port, address: host };
  let tries = 0;
  let timer: NodeJS.Timeout;
  const send = () => {
    tries += 1;
    if (tries > TRIES) {
      reject(new Error(`no answer from ${host} port ${last.port} within ${(TRIES * TIMEOUT_MILLISECONDS) / 1000} s`));
      return;
    }
    socket.send(last.packet, last.port, last.address);
    clearTimeout(timer);
    timer = setTimeout(send, TIMEOUT_MILLISECONDS);
  };
  socket.on('error', reject);
  socket.on('message', (packet, from) => {
    const code = packet.length < 4 ? 0 : packet.readUInt16BE(0);
    if (code === ERROR) {
      reject(new Error(`${host} says: ${packet.subarray(4).toString('latin1').replaceAll('\0', '')}`));
    } else if (code === DATA && packet.readUInt16BE(2) === blocks.length + 1 && blocks.length < MOST_BLOCKS) {
      blocks.push(packet.subarray(4));
      // The server goes on from a port of its own.
      last = { packet: acknowledgement(blocks.length), port: from.port, address: from.address };
      tries = 0;
      send();
      if (packet.length - 4 < BLOCK_BYTES) {
        resolve(Buffer.concat(blocks));
      }
    }
  });
  send();
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}
