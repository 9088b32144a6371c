// wrought lab: virtual machines with real BMCs on this machine.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Context } from './context.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { defineBmc } from './lab-bmc.ts';
import { explained, parseMachines, parseWholeNumber, untilInterrupted } from './lab-options.ts';
import { defineRedfish, MODELS } from './lab-redfish.ts';
import { defineSwitch } from './lab-switch.ts';

interface LabOptions {
  readonly directory?: string;
}

interface UpOptions extends LabOptions {
  readonly machines: number;
  readonly firmware: 'bios' | 'uefi';
  readonly redfish?: (typeof MODELS)[number];
  readonly switch: 'bridge' | 'openvswitch';
}

export function define(noun: Command, context: Context): void {
  withDirectory(noun.command('up').description('start a lab; its machines are off until they are powered on'))
    .option('--machines <number>', 'how many machines', parseMachines, 1)
    .addOption(new Option('--firmware <firmware>', 'their firmware').choices(['bios', 'uefi']).default('bios'))
    .addOption(
      new Option('--redfish <model>', 'a Redfish service for each, besides its IPMI BMC, like that of').choices(MODELS),
    )
    .addOption(
      new Option('--switch <kind>', 'what joins them: a bridge, or an Open vSwitch with VLANs')
        .choices(['bridge', 'openvswitch'])
        .default('bridge'),
    )
    .action(async ({ machines, firmware, redfish, switch: kind, ...options }: UpOptions) => {
      const { formatLabStatus, labUp } = await import('@wrought/lab');
      const directory = labDirectory(options, context);
      const lab = await explained(
        labUp({
          ...{ directory, machines, firmware, switch: kind, log: context.note },
          ...(redfish === undefined ? {} : { redfish }),
        }),
      );
      context.print(formatLabStatus(await lab.status()).trimEnd());
    });
  withDirectory(noun.command('down').description('stop a lab, or remove what a crashed one left behind')).action(
    async (options: LabOptions) => {
      const { labDown } = await import('@wrought/lab');
      const directory = labDirectory(options, context);
      await explained(labDown({ directory }));
      context.note(`the lab in ${directory} is down`);
    },
  );
  noun
    .command('fleet')
    .description('run many simulated machines with agents in one process, until it is interrupted')
    .option('--nodes <number>', 'how many machines', parseMachines, 100)
    .option('--seed <number>', 'decides about delays and about whom faults strike', parseWholeNumber, 1)
    .addOption(
      new Option(
        '--bmc <kind>',
        'what their BMCs speak: HTTP (driver fleet), IPMI or Redfish at ports of their own (drivers ipmi, redfish)',
      )
        .choices(['http', 'ipmi', 'redfish'])
        .default('http'),
    )
    .option('--faults <list>', 'faults of BMCs by share: silent=1%,slow=5%; the others depend on --bmc', '')
    .option('--api <urls>', 'APIs that the agents call, separated by commas', 'http://127.0.0.1:6385')
    .option('--port <number>', 'loopback port of BMCs and agents; 0 takes any', parseWholeNumber, 0)
    .option('--boot-seconds <span>', 'from power-on until the agent is up', '1-3')
    .option('--step-seconds <span>', 'a step of the agent', '0.2-1')
    .option('--enrol', 'make nodes and ports for the machines first')
    .option('--record <file>', 'write what happens to machines as JSON lines')
    .action((options: FleetOptions) => fleet(options, context));
  defineBmc(noun, context);
  defineRedfish(noun, context);
  defineSwitch(noun, context);
  withDirectory(noun.command('status').description('show a lab, its machines and BMCs')).action(
    async (options: LabOptions) => {
      const { formatLabStatus, labStatus } = await import('@wrought/lab');
      const status = await explained(labStatus({ directory: labDirectory(options, context) }));
      if (context.options().format === 'json') {
        context.showOne({ ...status });
      } else {
        context.print(formatLabStatus(status).trimEnd());
      }
    },
  );
}

interface FleetOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly bmc: 'http' | 'ipmi' | 'redfish';
  readonly faults: string;
  readonly api: string;
  readonly port: number;
  readonly bootSeconds: string;
  readonly stepSeconds: string;
  readonly enrol?: boolean;
  readonly record?: string;
}

/** Runs a fleet until SIGINT or SIGTERM; says every ten seconds what it has seen. */
async function fleet(options: FleetOptions, context: Context): Promise<void> {
  const lab = await import('@wrought/lab');
  const { enrolFleet, parseSpan, startFleet } = lab;
  const kinds = {
    http: { settings: lab.fleetSettings, options: () => ({ faults: lab.parseFaults(options.faults) }) },
    ipmi: {
      settings: lab.ipmiFleetSettings,
      options: () => ({ ipmi: { faults: lab.parseBmcFaults(options.faults) } }),
    },
    redfish: {
      settings: lab.redfishFleetSettings,
      options: () => ({ redfish: { faults: lab.parseRedfishFaults(options.faults) } }),
    },
  };
  const kind = kinds[options.bmc];
  const record = options.record === undefined ? undefined : createWriteStream(options.record, { flags: 'a' });
  const running = await explained(
    (async () =>
      startFleet({
        machines: options.nodes,
        seed: options.seed,
        apis: options.api.split(','),
        port: options.port,
        ...kind.options(),
        bootSeconds: parseSpan(options.bootSeconds),
        stepSeconds: parseSpan(options.stepSeconds),
        ...(record === undefined ? {} : { onEffect: (effect) => record.write(`${JSON.stringify(effect)}\n`) }),
      }))(),
  );
  context.print(
    `${options.nodes} machines at ${running.url}. The server needs: ${kind.settings.map((each) => `--set '${each}'`).join(' ')}`,
  );
  if (options.enrol) {
    const client = await context.client();
    const api = {
      call: async <Body>(method: string, path: string, body?: unknown) =>
        (await client.send(method as 'POST', path, body)) as Body,
    };
    await enrolFleet(api, running);
    context.note(`${options.nodes} nodes are enrolled`);
  }
  await untilInterrupted(() => context.note(JSON.stringify(running.counts())));
  await running.close();
  record?.end();
}

function withDirectory(command: Command): Command {
  return command.option('--directory <directory>', 'where the lab lives (default: lab in the data directory)');
}

function labDirectory(options: LabOptions, context: Context): string {
  return options.directory ?? join(context.options().dataDir ?? defaultDataDirectory(context.environment), 'lab');
}
