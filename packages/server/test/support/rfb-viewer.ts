// A viewer of the Remote Framebuffer Protocol as anybody would write it: lets itself in, and asks for pictures (RFC 6143).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocket } from 'ws';

/** A picture of the screen: 32 bits a pixel, blue first. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

/** The rest of a stream, byte by byte as it is asked for. */
function reader(stream: Duplex) {
  const pieces = stream.iterator({ destroyOnReturn: false });
  let kept = Buffer.alloc(0);
  return async (count: number): Promise<Buffer> => {
    while (kept.length < count) {
      const { done, value } = await pieces.next();
      assert.equal(done, false, 'the connection was closed');
      kept = Buffer.concat([kept, value as Buffer]);
    }
    const found = kept.subarray(0, count);
    kept = kept.subarray(count);
    return found;
  };
}

const numbers = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
};

/** Opens a WebSocket at the address of a screen as its page does. */
export async function openScreenSocket(base: string, url: string, token = new URL(url).hash.slice(1), origin = base) {
  const address = `${base.replace(/^http/, 'ws')}${new URL(url).pathname}/socket`;
  const socket = new WebSocket(address, ['binary', `token.${token}`], { origin });
  const stream = createWebSocketStream(socket, { allowHalfOpen: false });
  stream.on('error', () => {});
  await once(socket, 'open');
  assert.equal(socket.protocol, 'binary');
  return { socket, stream };
}

/** The reason with which a server lets nobody in. */
export async function refusalOf(stream: Duplex): Promise<string> {
  const read = reader(stream);
  assert.equal((await read(12)).toString(), 'RFB 003.008\n');
  stream.write('RFB 003.008\n');
  assert.deepEqual([...(await read(1))], [0]);
  return (await read((await read(4)).readUInt32BE())).toString();
}

/** Goes through the handshake at a server that wants no password. */
export async function viewScreen(stream: Duplex) {
  const read = reader(stream);
  assert.equal((await read(12)).toString(), 'RFB 003.008\n');
  stream.write('RFB 003.008\n');
  assert.deepEqual([...(await read(2))], [1, 1]);
  stream.write(Buffer.of(1));
  assert.equal((await read(4)).readUInt32BE(), 0);
  stream.write(Buffer.of(1));
  const head = await read(24);
  const name = (await read(head.subarray(20).readUInt32BE())).toString();
  // 32 bits, depth 24, little-endian, true colour: blue, green, red, nothing. Encoding: raw alone.
  stream.write(Buffer.from('000000002018000100ff00ff00ff100800000000', 'hex'));
  stream.write(Buffer.from('0200000100000000', 'hex'));
  const [width, height] = [head.readUInt16BE(0), head.readUInt16BE(2)];
  return {
    name,
    /** Asks for a picture: the whole screen, or what changes next. */
    async picture(isIncremental = false): Promise<Picture> {
      stream.write(Buffer.concat([Buffer.of(3, isIncremental ? 1 : 0), numbers(0, 0, width, height)]));
      const pixels = Buffer.alloc(width * height * 4);
      const begin = await read(4);
      assert.equal(begin[0], 0, 'a FramebufferUpdate');
      for (let left = begin.readUInt16BE(2); left > 0; left -= 1) {
        const rectangle = await read(12);
        const [x = 0, y = 0, wide = 0, high = 0] = [0, 2, 4, 6].map((at) => rectangle.readUInt16BE(at));
        assert.equal(rectangle.readInt32BE(8), 0, 'raw');
        for (let row = 0; row < high; row += 1) {
          (await read(wide * 4)).copy(pixels, ((y + row) * width + x) * 4);
        }
      }
      return { width, height, pixels };
    },
    /** Presses or releases a key. */
    key(keysym: number, isDown = true): void {
      const message = Buffer.alloc(8);
      message.set([4, isDown ? 1 : 0]);
      message.writeUInt32BE(keysym, 4);
      stream.write(message);
    },
  };
}

/** Red, green and blue of a pixel. */
export function pixelAt({ width, pixels }: Picture, x: number, y: number): readonly number[] {
  const at = (y * width + x) * 4;
  return [pixels[at + 2] ?? 0, pixels[at + 1] ?? 0, pixels[at] ?? 0];
}
