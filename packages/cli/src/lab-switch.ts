// wrought lab switch: a simulated switch with a vendor's command line over SSH, until it is interrupted.
import { type Command, Option } from 'commander';
import type { Context } from './context.ts';
import { explained, parseWholeNumber, untilInterrupted } from './lab-options.ts';

/** Names of the models and of the faults; the lab itself is loaded only when it is needed. */
const MODELS = [
  'arista-eos',
  'aruba-aoscx',
  'cisco-ios',
  'cisco-nxos',
  'cumulus-nvue',
  'dell-os10',
  'juniper-junos',
] as const;
const FAULTS = ['terminalless', 'silent', 'deaf', 'refusing', 'closing'] as const;

interface SwitchOptions {
  readonly model: string;
  readonly ports: string;
  readonly address: string;
  readonly port: number;
  readonly userName: string;
  readonly password: string;
  readonly enablePassword?: string;
  readonly fault?: (typeof FAULTS)[number];
}

export function defineSwitch(noun: Command, context: Context): void {
  noun
    .command('switch')
    .description('run a simulated switch with a command line over SSH, until it is interrupted')
    .addOption(new Option('--model <model>', 'whose command line it has').choices(MODELS).default('cisco-ios'))
    .option('--ports <names>', 'its ports, separated by commas', 'Ethernet1,Ethernet2')
    .option('--address <address>', 'where it listens', '127.0.0.1')
    .option('--port <number>', 'TCP port; 0 takes any', parseWholeNumber, 2222)
    .option('--user-name <name>', 'who may log in', 'admin')
    .option('--password <password>', 'the password of that user', 'secret12')
    .option('--enable-password <password>', 'what cisco-ios and arista-eos ask of an administrator (default: nothing)')
    .addOption(new Option('--fault <fault>', 'what is wrong with it').choices(FAULTS))
    .action((options: SwitchOptions) => serve(options, context));
}

/** Runs the switch until SIGINT or SIGTERM; says every ten seconds how many lines were entered. */
async function serve(options: SwitchOptions, context: Context): Promise<void> {
  const { startSwitchSimulator } = await import('@wrought/lab');
  const { model, ports, address, port, userName: username, password, enablePassword, fault } = options;
  const running = await explained(
    startSwitchSimulator({
      ...{ model, ports: ports.split(','), address, port, username, password },
      ...(enablePassword === undefined ? {} : { enablePassword }),
    }),
  );
  running.fault = fault ?? null;
  context.showOne({ model, address: running.address, port: running.port, host_key: running.hostKey, ports });
  await untilInterrupted(() => context.note(JSON.stringify({ lines: running.entered.length })));
  await running.close();
}
