// The screen of a fake machine: bars of colour, and a field that changes with each key and click, over RFB (RFC 6143).
import { type Duplex, duplexPair } from 'node:stream';
import { readBytes } from '../../console/rfb/read.ts';
import { type ViewerMessage, viewerMessages } from '../../console/rfb/viewer-messages.ts';

const WIDTH = 320;
const HEIGHT = 200;
type Colour = readonly [red: number, green: number, blue: number];
const BARS: readonly Colour[] = [
  [255, 255, 255],
  [255, 255, 0],
  [0, 255, 255],
  [0, 255, 0],
  [255, 0, 255],
  [255, 0, 0],
  [0, 0, 255],
  [0, 0, 0],
];
/** The field, in pixels from the upper left corner; it goes through the bars' colours. */
const FIELD = { left: 120, top: 80, width: 80, height: 40 };

/** How a viewer wants its pixels (section 7.4). */
interface PixelFormat {
  readonly bytes: number;
  readonly isBigEndian: boolean;
  readonly maxima: readonly [number, number, number];
  readonly shifts: readonly [number, number, number];
}

function readPixelFormat(at: Buffer): PixelFormat {
  return {
    bytes: (at[0] ?? 32) / 8,
    isBigEndian: at[2] !== 0,
    maxima: [at.readUInt16BE(4), at.readUInt16BE(6), at.readUInt16BE(8)],
    shifts: [at[10] ?? 0, at[11] ?? 0, at[12] ?? 0],
  };
}

/** 32 bits, depth 24, true colour, red at 16. */
const ownFormat = Buffer.from('2018000100ff00ff00ff100800000000', 'hex');

function serverInit(name: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(WIDTH, 0);
  head.writeUInt16BE(HEIGHT, 2);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(name));
  return Buffer.concat([head, ownFormat, length, Buffer.from(name)]);
}

function pixelOf(colour: Colour, { bytes, isBigEndian, maxima, shifts }: PixelFormat): Buffer {
  let value = 0;
  colour.forEach((part, index) => {
    value += Math.round((part / 255) * (maxima[index] ?? 0)) * 2 ** (shifts[index] ?? 0);
  });
  const pixel = Buffer.alloc(bytes);
  if (isBigEndian) {
    pixel.writeUIntBE(value, 0, bytes);
  } else {
    pixel.writeUIntLE(value, 0, bytes);
  }
  return pixel;
}

/** One FramebufferUpdate with the whole screen, raw (sections 7.6.1 and 7.7.1). */
function picture(presses: number, format: PixelFormat): Buffer {
  const pixels = BARS.map((colour) => pixelOf(colour, format));
  const barOf = (x: number) => Math.floor((x * BARS.length) / WIDTH);
  const isField = (x: number) => x >= FIELD.left && x < FIELD.left + FIELD.width;
  const row = (hasField: boolean) =>
    Buffer.concat(
      Array.from(
        { length: WIDTH },
        (_, x) => pixels[hasField && isField(x) ? presses % BARS.length : barOf(x)] as Buffer,
      ),
    );
  const [plain, withField] = [row(false), row(true)];
  const head = Buffer.alloc(16);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(WIDTH, 8);
  head.writeUInt16BE(HEIGHT, 10);
  const rows = Array.from({ length: HEIGHT }, (_, y) =>
    y >= FIELD.top && y < FIELD.top + FIELD.height ? withField : plain,
  );
  return Buffer.concat([head, ...rows]);
}

async function serve(viewer: Duplex, name: string): Promise<void> {
  const never = new AbortController().signal;
  await readBytes(viewer, 1, never);
  viewer.write(serverInit(name));
  let format = readPixelFormat(ownFormat);
  let presses = 0;
  let shown = -1;
  let isWaiting = false;

  function show(): void {
    isWaiting = false;
    shown = presses;
    viewer.write(picture(presses, format));
  }

  function take({ name: kind, bytes }: ViewerMessage): void {
    if (kind === 'SetPixelFormat') {
      format = readPixelFormat(bytes.subarray(4));
      shown = -1;
    } else if ((kind === 'KeyEvent' || kind === 'PointerEvent') && bytes[1] !== 0) {
      presses += 1;
    } else if (kind === 'QEMU') {
      presses += bytes[3] ?? 0;
    } else if (kind === 'FramebufferUpdateRequest') {
      isWaiting = true;
      // One that is not incremental wants all of it, changed or not.
      shown = bytes[1] === 0 ? -1 : shown;
    }
  }

  const split = viewerMessages();
  for await (const piece of viewer) {
    for (const message of split(piece as Buffer)) {
      take(message);
    }
    if (isWaiting && shown !== presses) {
      show();
    }
  }
}

/** Opens it as a viewer that was let in, before ClientInit (section 7.3.1). */
export function openFakeScreen(name: string): Duplex {
  const [ours, stream] = duplexPair({ allowHalfOpen: false });
  stream.once('close', () => ours.destroy());
  ours.once('close', () => stream.destroy());
  ours.on('error', () => {});
  serve(ours, name).catch((error: unknown) => stream.destroy(error as Error));
  return stream;
}
