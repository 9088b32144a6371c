// Tests bin/wrought: it finds its Node, becomes it, and says what to do when it is not installed.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startFakeApi } from './fake-api.ts';

const launcher = fileURLToPath(new URL('../../../bin/wrought', import.meta.url));

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-launcher-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('it works through a symbolic link from any folder', (context) => {
  const folder = temporaryFolder(context);
  symlinkSync(launcher, join(folder, 'link'));
  const { status, stdout, stderr } = spawnSync('./link', ['config', 'sample'], { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^\[conductor\]$/m);
  assert.equal(stderr, '');
});

test('the process that was started is the program itself, so that signals and pids are its own', async (context) => {
  const api = await startFakeApi(() => ({ body: { provision_state: 'available', events: [] } }));
  context.after(api.close);
  const child = spawn(launcher, ['--url', api.url, 'node', 'watch', 'n'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  assert.match(readlinkSync(`/proc/${child.pid}/exe`), /node_modules\/node-linux-\w+\/bin\/node$/);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
});

test('without node_modules it names the remedy', (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, 'bin'));
  copyFileSync(launcher, join(folder, 'bin', 'wrought'));
  const { status, stderr } = spawnSync(join(folder, 'bin', 'wrought'), [], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /bin\/node is missing; run `make`/);
});
