// A simulated switch: an SSH server with the command line of a vendor, its ports, and faults on demand.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import ssh2, { type ParsedKey, type PublicKeyAuthContext, type ServerChannel } from 'ssh2';
import { configurationText, type Dialect, findInterface, type SwitchState } from './command-line.ts';
import { junosDialect } from './dialects/junos.ts';
import { nvueDialect } from './dialects/nvue.ts';
import { sectionedDialect } from './dialects/sectioned.ts';
import { sectionedDialects } from './dialects/sections.ts';

const dialects: Readonly<Record<string, Dialect>> = {
  ...Object.fromEntries(
    (Object.keys(sectionedDialects) as (keyof typeof sectionedDialects)[]).map((name) => [
      name,
      sectionedDialect(name),
    ]),
  ),
  'juniper-junos': junosDialect,
  'cumulus-nvue': nvueDialect,
};

/** The kinds of switches, named as the profiles that speak to them. */
export const switchModelNames: readonly string[] = Object.keys(dialects).sort();

/**
 * `terminalless` takes logins and opens no terminal, `silent` never prompts, `deaf` takes commands and does nothing, `refusing` refuses every change, `closing` ends
 * the session at the first change.
 */
export const switchFaultNames = ['terminalless', 'silent', 'deaf', 'refusing', 'closing'] as const;
export type SwitchFault = (typeof switchFaultNames)[number];

export interface SwitchSimulatorOptions {
  model: string;
  ports: readonly string[];
  /** Where it listens; port 0 takes any. */
  address?: string;
  port?: number;
  username: string;
  password: string;
  /** A public key with which the user may log in as well, as OpenSSH writes it. */
  authorizedKey?: string;
  /** Asked of whoever becomes an administrator, on switches that have that. */
  enablePassword?: string;
  hostname?: string;
}

export interface SwitchSimulator {
  readonly address: string;
  readonly port: number;
  /** "SHA256:..." of its key, as `ssh-keygen -l` prints it. */
  readonly hostKey: string;
  /** Every line that was entered, in all sessions; passwords are left out. */
  readonly entered: readonly string[];
  fault: SwitchFault | null;
  /** The configuration lines of a port. */
  lines(port: string): readonly string[];
  /** Whether the configuration is the one that a restart brings back. */
  isSaved(): boolean;
  close(): Promise<void>;
}

/** Lines that change something. */
const changePattern = /^(no (?!page)|interface|switchport|vlan|set interfaces|delete |nv (set|unset))/;

function publicKeyOf(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** Whether a client may log in with the key that it names, or has shown that it holds it. */
function holdsKey(authorized: ParsedKey | undefined, context: PublicKeyAuthContext): boolean {
  if (authorized === undefined || !context.key.data.equals(authorized.getPublicSSH())) return false;
  const { signature, blob, hashAlgo } = context;
  return signature === undefined || blob === undefined || authorized.verify(blob, signature, hashAlgo) === true;
}

/** Starts one. @throws Error for a model that there is not */
export async function startSwitchSimulator(options: SwitchSimulatorOptions): Promise<SwitchSimulator> {
  const dialect = dialects[options.model];
  if (dialect === undefined) {
    throw new Error(`there is no switch model "${options.model}"; allowed: ${switchModelNames.join(', ')}`);
  }
  const state: SwitchState = {
    hostname: options.hostname ?? 'switch',
    interfaces: new Map(options.ports.map((name) => [name, new Map()])),
    saved: null,
    enablePassword: options.enablePassword ?? null,
  };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = String(privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const parsed = publicKeyOf(pem);
  const authorized = options.authorizedKey === undefined ? undefined : publicKeyOf(options.authorizedKey);
  const entered: string[] = [];
  const simulator = { fault: null as SwitchFault | null };

  function talk(channel: ServerChannel): void {
    const session = (dialect as Dialect)(state);
    let line = '';
    let isHidden = false;
    if (simulator.fault === 'silent') return;
    channel.write(`\r\nWelcome\r\n${session.prompt()}`);

    /** What the switch prints when the line ends; undefined: it hangs up. */
    function enter(): string | undefined {
      const text = line.trim();
      line = '';
      if (!isHidden) entered.push(text);
      const isChange = changePattern.test(text);
      if (isChange && simulator.fault === 'closing') return undefined;
      if (isChange && simulator.fault !== null) {
        const refusal = simulator.fault === 'refusing' ? '% Error: permission denied\r\n' : '';
        return `\r\n${refusal}${session.prompt()}`;
      }
      const answer = session.enter(text);
      isHidden = answer.question !== undefined;
      const shown = answer.text === '' ? '' : `${answer.text.replaceAll('\n', '\r\n')}\r\n`;
      return `\r\n${shown}${answer.question ?? session.prompt()}`;
    }

    channel.setEncoding('utf8');
    channel.on('data', (text: string) => {
      let printed = '';
      for (const character of text) {
        if (character !== '\r' && character !== '\n') {
          line += character;
          printed += isHidden ? '' : character;
          continue;
        }
        const answer = enter();
        if (answer === undefined) {
          channel.close();
          return;
        }
        printed += answer;
      }
      channel.write(printed);
    });
  }

  const connections = new Set<ssh2.Connection>();
  const protocol = new ssh2.Server({ hostKeys: [pem] }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    // A client that goes away in the middle is its own affair.
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      const isRight =
        context.username === options.username &&
        (context.method === 'password'
          ? context.password === options.password
          : context.method === 'publickey' && holdsKey(authorized, context));
      if (isRight) context.accept();
      else context.reject(['password', 'publickey']);
    });
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptTerminal) => acceptTerminal?.());
      session.on('shell', (acceptShell) => {
        if (simulator.fault !== 'terminalless') talk(acceptShell());
      });
    });
  });
  // Without a delay for more to come: a terminal sends little at a time.
  const server = createServer({ noDelay: true }, (socket) => protocol.injectSocket(socket));
  server.listen(options.port ?? 0, options.address ?? '127.0.0.1');
  await once(server, 'listening');
  const place = server.address();
  if (place === null || typeof place === 'string') throw new Error('the switch listens on no port');
  return Object.assign(simulator, {
    address: options.address ?? '127.0.0.1',
    port: place.port,
    hostKey: `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`,
    entered,
    lines: (port: string) => [...(findInterface(state, port)?.[1].values() ?? [])],
    isSaved: () => state.saved === configurationText(state),
    async close() {
      for (const connection of connections) connection.end();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  });
}
