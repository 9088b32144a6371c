// Config drives: what is in them, that they are ISO 9660 images that others can read, and that they are always the same.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { checkConfigDrive, configDriveForAgent } from '../src/boot/config-drive.ts';
import { buildIso, type IsoFile } from '../src/boot/iso9660.ts';
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
