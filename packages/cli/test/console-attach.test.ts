// Tests `wrought node console attach`: through pipes, on a terminal, read only, over a connection that breaks, and refused.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startRelay } from '@wrought/lab';
import { startConsoleServer } from '../../server/test/support/console-server.ts';
import { startWrought, wrought } from './fake-api.ts';

const launcher = fileURLToPath(new URL('../../../bin/wrought', import.meta.url));

/** Waits until `isSo`; what is looked at changes by itself. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function screenOf(stream: Readable) {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    // A terminal in raw mode puts a carriage return before each new line all the same.
    text = (text + chunk).replaceAll('\r\r\n', '\r\n');
  });
  return {
    text: () => text,
    async until(wanted: string): Promise<void> {
      while (!text.includes(wanted)) await once(stream, 'data');
    },
  };
}

test('through pipes, on the socket of the server: characters both ways, and the end', async (t) => {
  const { directory, switchConsole } = await startConsoleServer(t);
  await switchConsole(true);
  const stdin = new PassThrough();
  const { exitCode, output } = startWrought(['--data-dir', directory, 'node', 'console', 'attach', 'm1'], {}, stdin);
  await until(() => output.out.includes('console\r\n> '));
  stdin.write('hello\r');
  await until(() => output.out.includes('hello\r\n> '));
  stdin.write('~?~~x\r');
  await until(() => output.out.endsWith('> ~x\r\n> '));
  stdin.write('~.');
  assert.equal(await exitCode, 0, output.err);
  assert.match(output.out, /machine-0 console\r\n> hello\r\n> ~x\r\n> $/);
  assert.match(output.err, /^console of m1; ~\. ends it.*\n~\. {2}end\n~~ {2}send ~\nthe console of m1 goes on/s);
});

test('on a terminal, at a URL with a password: keys go as they are, and the terminal is as before', async (t) => {
  const { base, password, switchConsole } = await startConsoleServer(t);
  await switchConsole(true);
  const command = `'${launcher}' --url ${base} node console attach m1; stty -a`;
  const environment = { ...process.env, WROUGHT_PASSWORD: password };
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: environment });
  t.after(() => child.kill());
  const ended = once(child, 'exit');
  const screen = screenOf(child.stdout);
  await screen.until('machine-0 console\r\n> ');
  child.stdin.write('what\u0003 \r');
  await screen.until('> what\u0003 \r\n> ');
  child.stdin.write('~.');
  assert.deepEqual(await ended, [0, null]);
  assert.match(screen.text(), /goes on without this terminal.*[^-]icanon.* echo /s);
});

test('who only looks types nothing, and a signal ends it', async (t) => {
  const { directory, switchConsole, listen } = await startConsoleServer(t);
  await switchConsole(true);
  const typist = listen();
  await typist.until('console');
  const child = spawn(launcher, ['--data-dir', directory, 'node', 'console', 'attach', '--read-only', 'm1']);
  t.after(() => child.kill());
  const ended = once(child, 'exit');
  const screen = screenOf(child.stdout);
  await screen.until('> ');
  child.stdin.end('unheard');
  typist.socket.send('heard');
  await screen.until('heard');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  typist.socket.send(' after');
  await typist.until('heard after');
  assert.doesNotMatch(typist.heard(), /unheard/);
});

test('a connection that breaks is made again; a console that is switched off ends it', async (t) => {
  const { directory, switchConsole } = await startConsoleServer(t);
  await switchConsole(true);
  const socketPath = join(directory, 'wrought.sock');
  const relay = await startRelay({ socketPath });
  const url = `http://127.0.0.1:${relay.port}`;
  const stdin = new PassThrough();
  const { exitCode, output } = startWrought(['--url', url, 'node', 'console', 'attach', 'm1'], {}, stdin);
  await until(() => output.out.includes('console'));
  await relay.close();
  await until(() => output.err.includes('nothing listens there'));
  const again = await startRelay({ socketPath, listen: `127.0.0.1:${relay.port}` });
  t.after(() => again.close());
  await until(() => output.err.includes('connected again'));
  stdin.write('still there\r');
  await until(() => output.out.includes('still there\r\n'));
  assert.match(output.err, /the connection broke; connecting again\n.*; trying again\nconnected again/s);
  await switchConsole(false);
  assert.equal(await exitCode, 1);
  assert.match(output.err, /the console was closed; connecting again\nwrought: The console of node .* is switched off/);
});

test('it can be ended while the server is away', async (t) => {
  const { directory, switchConsole, stop } = await startConsoleServer(t);
  await switchConsole(true);
  const stdin = new PassThrough();
  const { exitCode, output } = startWrought(['--data-dir', directory, 'node', 'console', 'attach', 'm1'], {}, stdin);
  await until(() => output.out.includes('console'));
  await stop();
  await until(() => output.err.includes('connecting again'));
  stdin.write('\r~.');
  assert.equal(await exitCode, 0, output.err);
  assert.match(output.err, /the server stops; connecting again/);
});

test('a console that is not there is explained', async (t) => {
  const { directory, base } = await startConsoleServer(t);
  const refused = await wrought(['--data-dir', directory, 'node', 'console', 'attach', 'm1']);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.err, /^wrought: The console of node .* is switched off\. Switch it on with PUT/);
  const unknown = await wrought(['--url', base, '--data-dir', directory, 'node', 'console', 'attach', 'nobody']);
  assert.match(unknown.err, /^wrought: Node nobody could not be found/);
  const stranger = await wrought(['--url', base, 'node', 'console', 'attach', 'm1'], { WROUGHT_PASSWORD: 'x' });
  assert.match(stranger.err, /^wrought: Wrong user name or password\. Set WROUGHT_PASSWORD/);
});
