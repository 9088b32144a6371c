// Tests `wrought bmc ipmi HOST sol`: through pipes, on a terminal, with the escapes, and when others want the console.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBmcSimulator } from '@wrought/lab';
import { EscapeReader } from '../src/terminal/escape.ts';
import { startWrought, wrought } from './fake-api.ts';

const launcher = fileURLToPath(new URL('../../../bin/wrought', import.meta.url));
const environment = { IPMI_PASSWORD: 'secret12' };

async function startBmc(context: TestContext): Promise<readonly string[]> {
  const simulator = await startBmcSimulator({ count: 1 });
  context.after(() => simulator.close());
  return ['bmc', 'ipmi', '127.0.0.1', '--port', String(simulator.bmcs[0]?.port)];
}

/** What a stream says, as far as it was read; `until` waits for a text. */
function transcript(stream: Readable) {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    // A terminal in raw mode puts a carriage return before each new line all the same.
    text = (text + chunk).replaceAll('\r\r\n', '\r\n');
  });
  return {
    async until(wanted: string): Promise<void> {
      while (!text.includes(wanted)) await once(stream, 'data');
    },
    text: () => text,
  };
}

test('the escape character counts at the beginning of lines only', () => {
  const read = (typed: string, character: string | undefined = '~') => {
    const reader = new EscapeReader(character);
    // In single bytes, as a terminal sends them.
    return [...Buffer.from(typed)]
      .flatMap((byte) => reader.read(Buffer.of(byte)))
      .map((each) => (each.kind === 'characters' ? each.bytes.toString() : `[${each.kind}]`))
      .join('');
  };
  assert.equal(read('a~.b'), 'a~.b');
  assert.equal(read('~.'), '[end]');
  assert.equal(read('a\r~B~?~~~.\r~x'), 'a\r[break][help]~~.\r~x');
  assert.equal(read('!.', '!'), '[end]');
  assert.equal(new EscapeReader(undefined).read(Buffer.from('~.')).length, 1);
});

test('through pipes: characters both ways, a break, and the end', async (context) => {
  const target = await startBmc(context);
  const stdin = new PassThrough();
  const { exitCode, output } = startWrought([...target, 'sol'], environment, stdin);
  stdin.write('hello\r~Bbye\r~.');
  assert.equal(await exitCode, 0, output.err);
  assert.match(output.out, /machine-0 console\r\n> hello\r\n> \[break\]bye\r\n> /);
  assert.match(output.err, /^console of 127\.0\.0\.1; ~\. ends it.*\nthe console of 127\.0\.0\.1 is given back\n$/s);
});

test('the end of the input keeps the console; a signal gives it back, and others may take it', async (context) => {
  const target = await startBmc(context);
  const start = () => {
    const child = spawn(launcher, [...target, 'sol'], { env: { ...process.env, ...environment } });
    context.after(() => child.kill());
    child.stdin.end('hello\r');
    return { child, ended: once(child, 'exit'), out: transcript(child.stdout), err: transcript(child.stderr) };
  };
  const first = start();
  await first.out.until('> hello\r\n> ');
  const refused = await wrought([...target, 'sol'], environment);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.err, /somebody else has the console; --take-over/);
  const stdin = new PassThrough();
  const second = startWrought([...target, 'sol', '--take-over'], environment, stdin);
  assert.deepEqual(await first.ended, [1, null]);
  assert.match(first.err.text(), /wrought: the BMC ended the console/);
  stdin.write('~.');
  assert.equal(await second.exitCode, 0, second.output.err);
  const third = start();
  await third.out.until('> hello\r\n> ');
  third.child.kill('SIGTERM');
  assert.deepEqual(await third.ended, [0, null]);
});

test('on a terminal: the password is asked for without echo, and keys go to the machine as they are', async (context) => {
  const target = await startBmc(context);
  const command = [launcher, ...target, 'sol'].map((word) => `'${word}'`).join(' ');
  const { IPMI_PASSWORD: _, ...rest } = process.env;
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: rest });
  context.after(() => child.kill());
  const ended = once(child, 'exit');
  const screen = transcript(child.stdout);
  await screen.until('Password of admin at 127.0.0.1:');
  child.stdin.write('secreX\u007ft12\r');
  await screen.until('machine-0 console\r\n> ');
  child.stdin.write('what\u0003 \r');
  await screen.until('> what\u0003 \r\n> ');
  child.stdin.write('~.');
  assert.deepEqual(await ended, [0, null]);
  assert.doesNotMatch(screen.text(), /secre/);
});
