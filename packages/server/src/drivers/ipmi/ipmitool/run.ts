// Runs ipmitool once, with the password in a file or in the environment, and ends it when it hangs.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpmiConnection } from '../connection.ts';
import { ipmitoolArguments, kgKeyText } from './arguments.ts';

export interface RunOptions {
  /** Name or path of ipmitool. */
  readonly program: string;
  readonly packetTimeoutSeconds: number;
  readonly cipherSuite: string | null;
  readonly words: readonly string[];
  readonly passwordInEnvironment: boolean;
  /** The process is killed when it runs longer. */
  readonly killAfterMilliseconds: number;
  readonly abortSignal: AbortSignal;
}

export interface RunResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Everything that it printed, for errors. */
  readonly output: string;
  readonly wasKilled: boolean;
}

/** ipmitool can not be started at all. */
export class IpmitoolMissingError extends Error {}

function environmentOf(connection: IpmiConnection, passwordInEnvironment: boolean): NodeJS.ProcessEnv {
  const kgKey = connection.kgKeyHex === null ? null : kgKeyText(connection.kgKeyHex);
  return {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    ...(passwordInEnvironment ? { IPMI_PASSWORD: connection.password } : {}),
    ...(kgKey === null ? {} : { IPMI_KGKEY: kgKey }),
  };
}

function start(program: string, args: string[], env: NodeJS.ProcessEnv, options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: Math.ceil(options.killAfterMilliseconds),
      killSignal: 'SIGKILL',
      signal: options.abortSignal,
    });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT' || error.code === 'EACCES'
          ? new IpmitoolMissingError(
              `The program "${program}" can not be started (${error.code}). Install the package ipmitool, or name the program in ipmi.program.`,
            )
          : error,
      );
    });
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, stdout, output, wasKilled: signal === 'SIGKILL' });
    });
  });
}

/**
 * Runs one command.
 * @throws IpmitoolMissingError, or an AbortError when the signal fires
 */
export async function runIpmitool(connection: IpmiConnection, options: RunOptions): Promise<RunResult> {
  const { program, words, cipherSuite, packetTimeoutSeconds, passwordInEnvironment } = options;
  const env = environmentOf(connection, passwordInEnvironment);
  if (passwordInEnvironment) {
    const args = ipmitoolArguments(connection, { packetTimeoutSeconds, cipherSuite, passwordFile: null, words });
    return start(program, args, env, options);
  }
  const folder = await mkdtemp(join(tmpdir(), 'wrought-ipmi-'));
  try {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, connection.password, { mode: 0o600, flag: 'wx' });
    const args = ipmitoolArguments(connection, { packetTimeoutSeconds, cipherSuite, passwordFile, words });
    return await start(program, args, env, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
