// A command line of a switch over SSH: the login, one command after the other, and what each printed.
import { createHash } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { SwitchError } from '../switch-driver.ts';
import type { SwitchProfile } from './profile.ts';

export interface ShellOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string | null;
  /** A private key as PEM or OpenSSH text. */
  readonly privateKey: string | null;
  /** "SHA256:..." of the switch's key, as `ssh-keygen -l` prints it. */
  readonly hostKey: string;
  readonly enablePassword: string | null;
  /** Also what old switches speak: SHA-1 and CBC. */
  readonly legacyAlgorithms: boolean;
  readonly timeoutSeconds: number;
}

export interface Shell {
  /**
   * Runs a command; one after "? " may be refused.
   * @returns the lines that it printed
   * @throws SwitchError when it was refused, or did not end in time
   */
  run(command: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A connection that has not ended this long after the farewell is cut. */
const CLOSE_GRACE_MILLISECONDS = 2000;

/** So wide that no switch breaks lines. */
const WINDOW = { term: 'vt100', cols: 511, rows: 1000 };

/** Offered beside what is secure, to switches that have nothing better. */
const legacy: ssh2.Algorithms = {
  kex: also('diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1', 'diffie-hellman-group1-sha1'),
  serverHostKey: also('ssh-rsa'),
  cipher: also('aes256-cbc', 'aes128-cbc', '3des-cbc'),
  hmac: also('hmac-sha1'),
};

function also<Name extends string>(...append: Name[]) {
  return { append, prepend: [], remove: [] };
}

/** "SHA256:..." of a public key. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function reasonOf(error: Error & { level?: string }, { username, legacyAlgorithms }: ShellOptions): string {
  if (error.level === 'client-authentication') {
    return `the login as "${username}" was refused; check username, password_file and key_file`;
  }
  const isOld = !legacyAlgorithms && /no matching/i.test(error.message);
  return `${error.message}${isOld ? '; for an old switch set legacy_algorithms = true' : ''}`;
}

/** Connects, and opens a channel with a terminal. */
function openChannel(options: ShellOptions, client: Client): Promise<ClientChannel> {
  const { host, port, username, password, privateKey, hostKey, timeoutSeconds } = options;
  const milliseconds = timeoutSeconds * 1000;
  let seenKey = '';
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      const wrongKey = seenKey !== '' && seenKey !== hostKey;
      const reason = wrongKey
        ? `its key is ${seenKey}, and not ${hostKey} as host_key says; if the switch was replaced, set host_key`
        : reasonOf(error, options);
      reject(new SwitchError(reason, { cause: error }));
    };
    client
      .on('error', fail)
      .on('close', () => fail(new Error('the connection was closed')))
      // Some switches ask for the password as a question.
      .on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
        finish(prompts.map(() => password ?? '')),
      )
      .on('ready', () => {
        // A command is a small packet, for which the answer is awaited.
        client.setNoDelay(true);
        timer = setTimeout(() => fail(new Error(`it opened no terminal within ${timeoutSeconds} s`)), milliseconds);
        client.shell(WINDOW, (error, channel) => {
          clearTimeout(timer);
          if (error === undefined) resolve(channel);
          else fail(error);
        });
      });
    try {
      client.connect({
        ...{ host, port, username, tryKeyboard: password !== null, readyTimeout: milliseconds },
        ...(password === null ? {} : { password }),
        ...(privateKey === null ? {} : { privateKey }),
        hostVerifier: (key: Buffer) => {
          seenKey = fingerprint(key);
          return seenKey === hostKey;
        },
        ...(options.legacyAlgorithms ? { algorithms: legacy } : {}),
      });
    } catch (error) {
      // A private key that can not be read is told at once.
      fail(new Error(`${error instanceof Error ? error.message : String(error)}; check key_file`, { cause: error }));
    }
  });
}

/** Reads what a terminal prints up to the next prompt. */
function createReader(channel: ClientChannel, timeoutSeconds: number) {
  let text = '';
  let ending: SwitchError | undefined;
  let look: () => void = () => {};
  channel.setEncoding('utf8');
  const onText = (more: string) => {
    text += more;
    look();
  };
  channel.on('data', onText);
  channel.stderr.setEncoding('utf8').on('data', onText);
  channel.on('close', () => {
    ending ??= new SwitchError('the switch ended the session');
    look();
  });

  return {
    end(reason: string): void {
      ending ??= new SwitchError(reason);
      look();
    },
    /** Everything up to a last line that is one of these. @throws SwitchError */
    until(prompts: readonly RegExp[], what: string): Promise<{ readonly printed: string; readonly prompt: string }> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const last = stripVTControlCharacters(text).trimEnd().split('\n').at(-1) ?? '';
          reject(
            new SwitchError(
              `no prompt came within ${timeoutSeconds} s ${what}; the last line was ${JSON.stringify(last.slice(-200))}. Check the profile of the switch.`,
            ),
          );
        }, timeoutSeconds * 1000);
        look = () => {
          const clean = stripVTControlCharacters(text).replaceAll('\r', '');
          const start = clean.lastIndexOf('\n') + 1;
          const prompt = clean.slice(start).trim();
          if (prompts.some((each) => each.test(prompt))) {
            clearTimeout(timer);
            text = '';
            resolve({ printed: clean.slice(0, start), prompt });
          } else if (ending !== undefined) {
            clearTimeout(timer);
            reject(ending);
          }
        };
        look();
      });
    },
  };
}

/** Logs in, becomes an administrator where that is needed, and prepares the terminal. @throws SwitchError */
export async function openShell(profile: SwitchProfile, options: ShellOptions, signal: AbortSignal): Promise<Shell> {
  const client = new ssh2.Client();
  const onAbort = () => client.destroy();
  signal.addEventListener('abort', onAbort, { once: true });

  async function close(): Promise<void> {
    signal.removeEventListener('abort', onAbort);
    client.end();
    // A switch that has gone silent does not answer to that.
    setTimeout(() => client.destroy(), CLOSE_GRACE_MILLISECONDS).unref();
  }

  try {
    signal.throwIfAborted();
    const channel = await openChannel(options, client);
    const reader = createReader(channel, options.timeoutSeconds);
    client.on('error', (error) => reader.end(error.message));

    // What the Enter key sends.
    const enter = (line: string) => channel.write(`${line}\r`);

    const run = async (template: string): Promise<readonly string[]> => {
      const command = template.replace(/^\? /, '');
      enter(command);
      const ends = profile.confirm === null ? [profile.prompt] : [profile.prompt, profile.confirm];
      const answer = await reader.until(ends, `after "${command}"`);
      let rest = '';
      if (profile.confirm?.test(answer.prompt) === true) {
        enter('');
        rest = (await reader.until([profile.prompt], `after "${command}" was confirmed`)).printed;
      }
      // The terminal repeats what was typed.
      const [, ...lines] = `${answer.printed}${rest}`.split('\n').map((line) => line.trim());
      const refusal = lines.find((line) => profile.refusals.some((each) => each.test(line)));
      if (refusal !== undefined && command === template) {
        throw new SwitchError(`the switch refused "${command}": ${refusal}`);
      }
      return lines.filter((line) => line !== '');
    };

    const { enable } = profile;
    const first = await reader.until(
      enable === null ? [profile.prompt] : [profile.prompt, enable.prompt],
      'after the login',
    );
    if (enable?.prompt.test(first.prompt) === true) {
      enter(enable.command);
      const answer = await reader.until([profile.prompt, enable.question], `after "${enable.command}"`);
      if (enable.question.test(answer.prompt)) {
        enter(options.enablePassword ?? '');
        const { prompt } = await reader.until(
          [profile.prompt, enable.prompt, enable.question],
          'after the enable password',
        );
        if (!profile.prompt.test(prompt)) {
          throw new SwitchError('the enable password was refused; check enable_password_file');
        }
      }
    }
    for (const command of profile.prepare) {
      await run(command);
    }
    return { run, close };
  } catch (error) {
    await close();
    throw signal.aborted ? new SwitchError('the work was ended') : error;
  }
}
