// Builds `wrought <noun> <verb>`, loads the noun that was asked for, runs it, and turns errors into exit codes.
import { Command, CommanderError, Option } from 'commander';
import { CommandError } from './command-error.ts';
import { type Context, createContext, type GlobalOptions, type Streams } from './context.ts';

interface Noun {
  readonly description: string;
  /** Loaded only when the noun is used: a command shall answer before anyone notices that it was started. */
  readonly load: () => Promise<{ define(noun: Command, context: Context): void }>;
}

const nouns: Readonly<Record<string, Noun>> = {
  serve: { description: 'start the server: API and conductor in one process', load: () => import('./serve.ts') },
  api: { description: 'start a process that is only the API, beside conductors', load: () => import('./api.ts') },
  config: { description: 'show, check or sample the configuration', load: () => import('./config.ts') },
  db: { description: 'look after the database: status, schema, copies, backups', load: () => import('./db.ts') },
  doctor: { description: 'look at everything that the server needs', load: () => import('./doctor.ts') },
  policy: { description: 'who may do what, and why', load: () => import('./policy.ts') },
  node: { description: 'machines: enrol, manage, deploy, take back', load: () => import('./node/index.ts') },
  port: { description: 'network ports of machines', load: () => import('./port.ts') },
  portgroup: { description: 'network ports that act as one', load: () => import('./portgroup.ts') },
  network: { description: 'whether machines are plugged in as their ports say', load: () => import('./network.ts') },
  'volume-connector': {
    description: 'how machines reach storage on the network',
    load: () => import('./volume-connector.ts'),
  },
  'volume-target': {
    description: 'volumes on the network that machines get',
    load: () => import('./volume-target.ts'),
  },
  allocation: { description: 'requests for any machine that fits', load: () => import('./allocation.ts') },
  runbook: { description: 'steps that may be run on machines with certain traits', load: () => import('./runbook.ts') },
  'inspection-rule': {
    description: 'what is done to machines whose inventory meets conditions',
    load: () => import('./inspection-rule.ts'),
  },
  shard: { description: 'how many machines each shard has', load: () => import('./shard.ts') },
  chassis: { description: 'groups of machines', load: () => import('./chassis.ts') },
  driver: { description: 'hardware types', load: () => import('./driver.ts') },
  conductor: {
    description: 'start a process that is only a conductor; list conductors',
    load: () => import('./conductor.ts'),
  },
  template: { description: 'deploy templates', load: () => import('./template.ts') },
  events: { description: 'follow what changes as it happens', load: () => import('./events.ts') },
  ramdisk: { description: 'build the agent ramdisk', load: () => import('./ramdisk.ts') },
  bmc: {
    description: 'speak to a BMC without a server: power, sensors, logs, console',
    load: () => import('./bmc/index.ts'),
  },
  lab: { description: 'virtual bare metal on this machine', load: () => import('./lab.ts') },
};

const exitCodes = { success: 0, failure: 1, usage: 2 } as const;

/**
 * Runs one command line (without "node main.ts").
 * @returns the exit code: 0 done, 1 refused or failed, 2 the command line itself is wrong
 */
export async function run(
  args: readonly string[],
  streams: Streams = process,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const program = createProgram(streams);
  const context = createContext(() => program.opts<GlobalOptions>(), streams, environment);
  try {
    for (const [name, { description }] of Object.entries(nouns)) {
      program.command(name).description(description);
    }
    const [chosen = ''] = program.parseOptions([...args]).operands;
    const noun = program.commands.find((command) => command.name() === chosen);
    if (noun !== undefined && nouns[chosen] !== undefined) {
      const { define } = await nouns[chosen].load();
      define(noun, context);
    }
    await program.parseAsync([...args], { from: 'user' });
    return exitCodes.success;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said what is wrong; --help and --version come here too, with exit code 0.
      return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    }
    if (error instanceof CommandError) {
      streams.stderr.write(`wrought: ${error.message}\n`);
      return exitCodes.failure;
    }
    // Anything else is a defect of this program, so its stack is of use.
    streams.stderr.write(`wrought: ${error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.failure;
  }
}

function createProgram(streams: Streams): Command {
  return new Command('wrought')
    .description('Provisions and manages physical machines.')
    .usage('<noun> [verb] [arguments]')
    .option('--data-dir <directory>', 'data directory of the server (default: $WROUGHT_DATA_DIR, else by user)')
    .option('--url <url>', 'server to talk to (default: $WROUGHT_URL, else the UNIX socket of the data directory)')
    .option('--user <name>', 'user name for that server (default: $WROUGHT_USER, else admin)')
    .option('--ca-file <file>', 'CA certificate to verify an https server with (default: $WROUGHT_CA_FILE)')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['table', 'json']).default('table'))
    .showHelpAfterError('(add --help for the arguments and options)')
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
}
