// Images are known by their bytes, and dangerous ones are refused before any tool opens them.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { inspectImage, objectionToImage } from '../src/image/format.ts';

type Qcow2 = {
  version?: number;
  backingOffset?: bigint;
  clusterBits?: number;
  size?: bigint;
  encryption?: number;
  features?: bigint;
  extensions?: [number, string][];
};

/** A header as docs/interop/qcow2 of QEMU lays it out. */
function qcow2(fields: Qcow2 = {}): Buffer {
  const head = Buffer.alloc(4096);
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(fields.version ?? 3, 4);
  head.writeBigUInt64BE(fields.backingOffset ?? 0n, 8);
  head.writeUInt32BE(fields.clusterBits ?? 16, 20);
  head.writeBigUInt64BE(fields.size ?? 1073741824n, 24);
  head.writeUInt32BE(fields.encryption ?? 0, 32);
  head.writeBigUInt64BE(fields.features ?? 0n, 72);
  head.writeUInt32BE(104, 100);
  let offset = 104;
  for (const [kind, text] of fields.extensions ?? []) {
    head.writeUInt32BE(kind, offset);
    head.writeUInt32BE(text.length, offset + 4);
    head.write(text, offset + 8, 'latin1');
    offset += 8 + Math.ceil(text.length / 8) * 8;
  }
  return head;
}

function at(offset: number, text: string): Buffer {
  const head = Buffer.alloc(offset + text.length + 16);
  head.write(text, offset, 'latin1');
  return head;
}

suite('image formats', () => {
  const KNOWN: [string, Buffer][] = [
    ['qcow2', qcow2()],
    ['gpt', at(512, 'EFI PART')],
    ['gpt', at(510, '\x55\xaa')],
    ['iso', at(32769, 'CD001')],
    ['vmdk', at(0, 'KDMV')],
    ['vmdk', at(0, '# Disk DescriptorFile')],
    ['vdi', at(0x40, '\x7f\x10\xda\xbe')],
    ['vhdx', at(0, 'vhdxfile')],
    ['qed', at(0, 'QED\0')],
    ['luks', at(0, 'LUKS\xba\xbe')],
    ['raw', Buffer.alloc(65536)],
    ['raw', Buffer.alloc(0)],
  ];
  for (const [format, head] of KNOWN) {
    test(`${format} of ${head.length} bytes is known`, () => assert.equal(inspectImage(head).format, format));
  }

  test('a sound qcow2 image is accepted with its size', () => {
    const image = inspectImage(qcow2({ size: 123456789n }));
    assert.equal(image.virtualSizeBytes, 123456789);
    assert.equal(objectionToImage(image, 'qcow2'), null);
    assert.equal(objectionToImage(inspectImage(qcow2({ version: 2 })), null), null);
  });

  const DANGEROUS: [RegExp, Qcow2][] = [
    [/names a backing file/, { backingOffset: 512n }],
    [/keeps its data in another file/, { features: 4n }],
    [/external data file/, { extensions: [[0x44415441, '/etc/shadow']] }],
    [
      /external data file/,
      {
        extensions: [
          [0x6803f857, 'x'.repeat(48)],
          [0x44415441, '/etc/shadow'],
        ],
      },
    ],
    [/format of a backing file/, { extensions: [[0xe2792aca, 'raw']] }],
    [/encrypted/, { encryption: 1 }],
    [/corrupt/, { features: 2n }],
    [/unknown features/, { features: 1n << 40n }],
    [/version is 7/, { version: 7 }],
    [/cluster size/, { clusterBits: 40 }],
    [/absurd/, { size: 1n << 63n }],
  ];
  for (const [words, fields] of DANGEROUS) {
    test(`refused: ${words.source}`, () =>
      assert.match(objectionToImage(inspectImage(qcow2(fields)), 'qcow2') ?? '', words));
  }

  test('a header that is cut off is refused', () => {
    assert.match(objectionToImage(inspectImage(qcow2().subarray(0, 60)), 'qcow2') ?? '', /cut off/);
  });

  test('content must be what was declared and permitted', () => {
    assert.match(objectionToImage(inspectImage(qcow2()), 'raw') ?? '', /declared as raw, but its content is qcow2/);
    assert.match(objectionToImage(inspectImage(at(512, 'EFI PART')), 'qcow2') ?? '', /content is gpt/);
    assert.equal(objectionToImage(inspectImage(at(512, 'EFI PART')), 'raw'), null);
    assert.match(objectionToImage(inspectImage(at(0, 'KDMV')), 'vmdk') ?? '', /permitted are raw, gpt, qcow2, iso/);
    assert.match(objectionToImage(inspectImage(at(0, 'KDMV')), 'vmdk', ['vmdk']) ?? '', /cannot be written/);
  });

  test('any bytes are answered, and any qcow2 header with a backing file is refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void inspectImage(Buffer.from(bytes))));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 200, maxLength: 400 }),
        fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
        (bytes, offset) => {
          const head = Buffer.from(bytes);
          head.write('QFI\xfb', 0, 'latin1');
          head.writeUInt32BE(3, 4);
          head.writeBigUInt64BE(offset, 8);
          assert.notEqual(objectionToImage(inspectImage(head), 'qcow2'), null);
        },
      ),
    );
  });
});
