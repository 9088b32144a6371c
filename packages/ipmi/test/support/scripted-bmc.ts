// A BMC that answers from a script, for our commands in process and for the real ipmitool over its "dummy" interface.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Connection, Request } from '../../src/connection.ts';
import { CompletionCodeError } from '../../src/errors.ts';

/** The bytes after completion code 0, or another completion code. */
export type ScriptedAnswer = Uint8Array | readonly number[] | number;

/** The bytes of a request after its command byte decide where the answer depends on them. */
export type Script = (netFn: number, command: number, data: Buffer) => ScriptedAnswer | undefined;

const unknownCommand = 0xc1;

function answerOf(script: Script, request: { netFn: number; command: number; data: Buffer }) {
  const answer = script(request.netFn, request.command, request.data) ?? unknownCommand;
  return typeof answer === 'number' ? { code: answer, data: Buffer.alloc(0) } : { code: 0, data: Buffer.from(answer) };
}

/** Answers by network function and command, "00/01". */
export function scriptOf(
  answers: Readonly<Record<string, ScriptedAnswer | ((data: Buffer) => ScriptedAnswer | undefined)>>,
): Script {
  return (netFn, command, data) => {
    const key = `${netFn.toString(16).padStart(2, '0')}/${command.toString(16).padStart(2, '0')}`;
    const answer = answers[key];
    return typeof answer === 'function' ? answer(data) : answer;
  };
}

export interface ScriptedConnection extends Connection {
  /** What was asked so far: network function, command and data in hexadecimal. */
  readonly asked: string[];
}

/** A connection whose other end is the script. */
export function scriptedConnection(script: Script): ScriptedConnection {
  const asked: string[] = [];
  return {
    asked,
    async request({ netFn, command, data = new Uint8Array() }: Request) {
      const bytes = Buffer.from(data);
      asked.push(Buffer.from([netFn, command, ...bytes]).toString('hex'));
      const { code, data: answer } = answerOf(script, { netFn, command, data: bytes });
      if (code !== 0) throw new CompletionCodeError({ netFn, command, data: bytes }, code);
      return answer;
    },
  };
}

// The structures dummy_rq and dummy_rs of ipmitool's dummy interface, as a 64-bit compiler lays them out.
const requestHeaderLength = 16;
const answerHeaderLength = 24;
const goodbye = { netFn: 0x3f, command: 0xff };

function serve(socket: Socket, script: Script): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= requestHeaderLength) {
      const [netFn = 0, lun = 0, command = 0] = received;
      const length = received.readUInt16LE(4);
      if (netFn === goodbye.netFn && command === goodbye.command) return;
      if (received.length < requestHeaderLength + length) return;
      const data = received.subarray(requestHeaderLength, requestHeaderLength + length);
      received = received.subarray(requestHeaderLength + length);
      const answer = answerOf(script, { netFn, command, data });
      const header = Buffer.alloc(answerHeaderLength);
      header.set([netFn | 1, command, 0, lun, answer.code]);
      header.writeInt32LE(answer.data.length, 8);
      socket.write(Buffer.concat([header, answer.data]));
    }
  });
  // ipmitool ends without a close handshake after some of its errors.
  socket.on('error', () => socket.destroy());
}

const run = promisify(execFile);

/** What `ipmitool ARGUMENTS` prints about the script's BMC; its failures are in the text, as they are on a terminal. */
export async function ipmitoolSays(script: Script, args: readonly string[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'wi-'));
  const path = join(directory, 'bmc.sock');
  const server = createServer((socket) => serve(socket, script));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC', IPMI_DUMMY_SOCK: path };
    const { stdout, stderr } = await run('ipmitool', ['-I', 'dummy', ...args], { env, timeout: 30_000 }).catch(
      (error: { stdout?: string; stderr?: string; code?: unknown }) => {
        if (typeof error.code !== 'number') throw error;
        return { stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
      },
    );
    return stdout + stderr;
  } finally {
    server.close();
    rmSync(directory, { recursive: true });
  }
}
