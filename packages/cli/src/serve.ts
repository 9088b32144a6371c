// wrought serve, api and conductor: start a process of the server and hand the process's signals to it.
import type { Command } from 'commander';
import { CommandError } from './command-error.ts';
import { type ConfigOptions, loadOrExplain, withSources } from './config.ts';
import type { Context } from './context.ts';
import { configWarnings } from './server-configuration.ts';

/** What `startServer` gives back, as far as this command uses it. */
interface RunningServer {
  /** Where the API listens: "http://HOST:PORT", "unix:PATH". */
  readonly urls?: readonly string[];
  stop(): Promise<void>;
  reload(): Promise<void>;
}

/** What a shell reports for a process that a signal ended. */
const signalExitCodes = { SIGTERM: 143, SIGINT: 130 } as const;

/** What a process does: all of it, or one side where several processes share a PostgreSQL database. */
type Role = 'all' | 'api' | 'conductor';

export function define(noun: Command, context: Context): void {
  defineRole(noun, context, 'all');
}

/** Makes a command start a process of this role. */
export function defineRole(command: Command, context: Context, role: Role): void {
  withSources(command).action((options: ConfigOptions) => serve(options, context, role));
}

/** Runs until SIGTERM or SIGINT has stopped the server. @throws CommandError when it can not start */
async function serve(options: ConfigOptions, context: Context, role: Role): Promise<void> {
  const config = loadOrExplain(options, context);
  for (const warning of configWarnings(config)) {
    context.note(`warning: ${warning}`);
  }
  const { startServer } = await import('@wrought/server');
  let server: RunningServer;
  try {
    server = await startServer({ config, role });
  } catch (error) {
    throw new CommandError(`the server can not start: ${error instanceof Error ? error.message : String(error)}`);
  }
  process.on('SIGHUP', () => {
    // The server logs what changed; a configuration that is no longer valid leaves it as it is.
    void server.reload();
  });
  context.print(`wrought is ready: ${(server.urls ?? []).join(', ')}`);
  await stopRequested();
  await server.stop();
}

/** Settles at the first SIGTERM or SIGINT; a second one ends the process at once, whatever still runs. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(signalExitCodes[signal]));
        resolve();
      });
    }
  });
}
