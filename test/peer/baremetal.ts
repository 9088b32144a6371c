// The real `baremetal` client of python-ironicclient, kept running for many commands.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's packages are for Debian's Python, which need not be the first on the path. */
const python = '/usr/bin/python3';
const program = fileURLToPath(new URL('client.py', import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BaremetalClient {
  /** Every command that the client has ("node list"), and whether it takes `-f json`. */
  readonly commands: ReadonlyMap<string, boolean>;
  /** Runs a command against the server at `endpoint`; one at a time. */
  run(endpoint: string, argv: readonly string[]): Promise<CommandResult>;
  stop(): Promise<void>;
}

/** Starts the client without authentication. @throws Error when it ends of its own accord */
export async function startBaremetalClient(): Promise<BaremetalClient> {
  const child = spawn(python, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, OS_AUTH_TYPE: 'none' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function answer(): Promise<unknown> {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${python} ${program} ended with ${child.exitCode ?? child.signalCode}`);
    return JSON.parse(value);
  }
  return {
    commands: new Map(Object.entries((await answer()) as Record<string, boolean>)),
    async run(endpoint, argv) {
      child.stdin.write(`${JSON.stringify({ endpoint, argv })}\n`);
      return (await answer()) as CommandResult;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
