// Config drives: what is in them, that they are ISO 9660 images that others can read, and that they are always the same.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { checkConfigDrive, configDriveForAgent, withNetworkData } from '../src/boot/config-drive.ts';
import { buildIso, type IsoFile } from '../src/boot/iso9660.ts';
import * as isoReader from '../src/boot/iso9660-read.ts';
import { testNode } from './support/task.ts';

const run = promisify(execFile);

/** Reads an image with xorriso; answers paths and contents, and the label. */
async function readIso(t: TestContext, image: Uint8Array): Promise<{ label: string; files: Record<string, Buffer> }> {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-iso-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'drive.iso');
  const output = join(folder, 'out');
  await writeFile(path, image);
  // Joliet names are the ones that keep their case.
  const args = ['-read_fs', 'norock', '-osirrox', 'on', '-indev', path, '-pvd_info', '-extract', '/', output];
  const { stdout, stderr } = await run('xorriso', args);
  const label = /Volume Id\s*:\s*'?([^'\n]+?)'?\s*$/im.exec(`${stdout}\n${stderr}`)?.[1] ?? '';
  await run('chmod', ['-R', 'u+w', output]);
  const names = await readdir(output, { recursive: true, withFileTypes: true });
  const files: Record<string, Buffer> = {};
  for (const entry of names.filter((each) => each.isFile())) {
    const full = join(entry.parentPath, entry.name);
    files[full.slice(output.length + 1)] = await readFile(full);
  }
  return { label, files };
}

async function imageOf(node: Parameters<typeof configDriveForAgent>[0]): Promise<Buffer> {
  const text = await configDriveForAgent(node);
  assert.ok(text !== null);
  return gunzipSync(Buffer.from(text, 'base64'));
}

test('an object becomes an image with the label and both versions', async (t) => {
  const node = testNode({
    name: 'n1',
    instance_info: {
      configdrive: {
        meta_data: { nonce: 'ünïcode' },
        network_data: { links: [] },
        user_data: '#cloud-config\n',
        vendor_data: { a: 1 },
      },
    },
  });
  const { label, files } = await readIso(t, await imageOf(node));
  assert.equal(label, 'config-2');
  const expected = {
    'meta_data.json': JSON.stringify({ uuid: node.uuid, name: 'n1', nonce: 'ünïcode' }),
    'network_data.json': '{"links":[]}',
    user_data: '#cloud-config\n',
    'vendor_data2.json': '{"a":1}',
  };
  assert.equal(Object.keys(files).length, 8);
  for (const version of ['latest', '2012-08-10']) {
    for (const [name, content] of Object.entries(expected)) {
      assert.equal(files[`openstack/${version}/${name}`]?.toString(), content);
    }
  }
});

test('metadata of the user wins over the defaults; user data may be an object', async (t) => {
  const configdrive = { meta_data: { uuid: 'mine', name: 'other' }, user_data: { ignition: {} } };
  const { files } = await readIso(t, await imageOf(testNode({ name: 'n1', instance_info: { configdrive } })));
  assert.deepEqual(JSON.parse(String(files['openstack/latest/meta_data.json'])), { uuid: 'mine', name: 'other' });
  assert.equal(String(files['openstack/latest/user_data']), '{"ignition":{}}');
});

test('the same config drive has the same bytes', async () => {
  const node = testNode({ instance_info: { configdrive: { meta_data: { a: 1 } } } });
  assert.deepEqual(await imageOf(node), await imageOf(node));
});

test('base64 text and URLs pass through; nothing is nothing', async () => {
  const pass = async (configdrive: unknown) => configDriveForAgent(testNode({ instance_info: { configdrive } }));
  assert.equal(await pass('H4sIAAAA'), 'H4sIAAAA');
  assert.equal(await pass('https://files.example.org/cd.iso.gz'), 'https://files.example.org/cd.iso.gz');
  assert.equal(await pass(undefined), null);
  assert.equal(await pass(''), null);
});

test('what is no config drive is refused by name', () => {
  for (const [configdrive, expected] of [
    [{ metadata: {} }, /metadata; allowed: meta_data/],
    [{ meta_data: 'x' }, /meta_data must be an object/],
    ['not base64!', /must be an object, base64/],
    [7, /must be an object, base64/],
  ] as const) {
    assert.throws(() => checkConfigDrive(testNode({ instance_info: { configdrive } })), expected);
  }
});

test('any files come back from the image as they went in', async (t) => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}(\.[a-z]{1,4})?$/);
  const file = fc.record({
    folders: fc.array(name, { maxLength: 3 }),
    name,
    content: fc.uint8Array({ maxLength: 5000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 60 }), async (drawn) => {
      const files = new Map<string, IsoFile>();
      for (const { folders, name: fileName, content } of drawn) {
        const path = [...folders.map((folder) => `d_${folder}`), `f_${fileName}`].join('/');
        files.set(path, { path, content });
      }
      const read = await readIso(t, buildIso('LABEL', [...files.values()]));
      assert.deepEqual(Object.keys(read.files).sort(), [...files.keys()].sort());
      for (const [path, { content }] of files) {
        assert.deepEqual(new Uint8Array(read.files[path] ?? []), content);
      }
    }),
    { numRuns: 12 },
  );
});

const NETWORK_DATA = { links: [{ id: 'tap0', mtu: 1500 }], networks: [], services: [] };

/** An image as the tools of clouds make it, with these options of mkisofs. */
async function imageBy(t: TestContext, options: readonly string[], networkData: object | null): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-drive-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const tree = join(folder, 'tree');
  for (const version of ['latest', '2012-08-10']) {
    await mkdir(join(tree, 'openstack', version), { recursive: true });
    await writeFile(join(tree, 'openstack', version, 'meta_data.json'), '{"uuid": "u"}');
    if (networkData !== null) {
      await writeFile(join(tree, 'openstack', version, 'network_data.json'), JSON.stringify(networkData));
    }
  }
  await mkdir(join(tree, 'openstack/content'), { recursive: true });
  await writeFile(join(tree, 'openstack/content/0000'), 'a file');
  const path = join(folder, 'drive.iso');
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'config-2', ...options, '-o', path, tree]);
  return readFile(path);
}

const nodeWith = (image: Uint8Array) =>
  testNode({ instance_info: { configdrive: gzipSync(image).toString('base64') } });

for (const [kind, options] of [
  ['Joliet and Rock Ridge', ['-J', '-R']],
  ['Rock Ridge', ['-R']],
  ['Joliet', ['-J']],
] as const) {
  test(`an image with ${kind} gets the network metadata that it lacks, and keeps the rest`, async (t) => {
    for (const present of [null, {}, { links: [{ id: 'tap0' }], networks: [], services: [] }]) {
      const node = nodeWith(await imageBy(t, options, present));
      const text = await withNetworkData(node, { needsMtu: true }, async () => NETWORK_DATA);
      assert.equal(typeof text, 'string');
      const { label, files } = await readIso(t, gunzipSync(Buffer.from(text as string, 'base64')));
      assert.equal(label, 'config-2');
      assert.deepEqual(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, content.toString()])), {
        'openstack/latest/meta_data.json': '{"uuid": "u"}',
        'openstack/latest/network_data.json': JSON.stringify(NETWORK_DATA),
        'openstack/2012-08-10/meta_data.json': '{"uuid": "u"}',
        'openstack/2012-08-10/network_data.json': JSON.stringify(NETWORK_DATA),
        'openstack/content/0000': 'a file',
      });
    }
  });
}

test('images that say enough, that nobody knows more of, or that are none are left alone', async (t) => {
  const options = { needsMtu: true };
  const never = async () => assert.fail('nobody needs them');
  const whole = nodeWith(await imageBy(t, ['-J'], NETWORK_DATA));
  assert.equal(await withNetworkData(whole, options, never), undefined);
  const noMtu = nodeWith(await imageBy(t, ['-J'], { links: [{ id: 'tap0' }], networks: [], services: [] }));
  assert.equal(await withNetworkData(noMtu, { needsMtu: false }, never), undefined);
  const empty = nodeWith(await imageBy(t, ['-J'], {}));
  assert.equal(await withNetworkData(empty, options, async () => null), undefined);
  const image = gunzipSync(Buffer.from(empty.instance_info.configdrive as string, 'base64'));
  for (const configdrive of [
    'https://example.org/drive.iso',
    gzipSync('no image').toString('base64'),
    'QUJD',
    gzipSync(image.subarray(0, 17 * 2048)).toString('base64'),
    gzipSync(image.subarray(0, -2048 * 160)).toString('base64'),
  ]) {
    assert.equal(await withNetworkData(testNode({ instance_info: { configdrive } }), options, never), undefined);
  }
});

test('any files of an image are read as they were written, and broken images end in a problem', () => {
  const name = fc.stringMatching(/^[a-z0-9_]{1,12}(\.[a-z]{1,4})?$/);
  const file = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }),
    content: fc.uint8Array({ maxLength: 5000 }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(file, { maxLength: 20, selector: ({ path }) => path[0] }),
      fc.infiniteStream(fc.nat()),
      (list, noise) => {
        const files = list.map(({ path, content }) => ({ path: path.join('/'), content: Buffer.from(content) }));
        const image = buildIso('label', files);
        const byPath = (a: IsoFile, b: IsoFile) => (a.path < b.path ? -1 : 1);
        const read = isoReader.readIso(image);
        assert.equal(read.label, 'label');
        assert.deepEqual(
          read.files.map(({ path, content }) => ({ path, content: Buffer.from(content) })).sort(byPath),
          files.sort(byPath),
        );
        const broken = Buffer.from(image);
        for (let count = 0; count < 40; count += 1) {
          broken[16 * 2048 + ((noise.next().value ?? 0) % (broken.length - 16 * 2048))] =
            (noise.next().value ?? 0) & 255;
        }
        try {
          isoReader.readIso(broken);
        } catch (error) {
          assert.ok(error instanceof isoReader.IsoProblem, String(error));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a Joliet name that is cut off in a character is a problem of the image', () => {
  const image = buildIso('config-2', [{ path: 'named', content: Buffer.alloc(9) }]);
  const at = image.indexOf(Buffer.from('named', 'utf16le').swap16());
  image.writeUInt8((image[at - 1] ?? 0) - 1, at - 1);
  assert.throws(() => isoReader.readIso(image), isoReader.IsoProblem);
});

test('an image whose files are its own whole content many times over is none', () => {
  const length = 777;
  const names = Array.from({ length: 70 }, (_, index) => `file${index}`);
  const files = names.map((path) => ({ path, content: Buffer.alloc(length, path) }));
  const image = buildIso('config-2', [...files, { path: 'large', content: Buffer.alloc(2 ** 20) }]);
  assert.equal(isoReader.readIso(image).files.length, files.length + 1);
  // Data length in both byte orders, behind the place in both (ECMA-119, sections 9.1.3 and 9.1.4).
  const told = Buffer.alloc(8);
  told.writeUInt32LE(length);
  told.writeUInt32BE(length, 4);
  for (let at = image.indexOf(told); at >= 0; at = image.indexOf(told, at + 1)) {
    image.writeUInt32LE(0, at - 8);
    image.writeUInt32LE(image.length, at);
  }
  assert.throws(() => isoReader.readIso(image), /the files have more than \d+ bytes together/);
});
