// wrought lab redfish: simulated Redfish services on this machine, until it is interrupted.
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Context } from './context.ts';
import { explained, type PlaceOptions, parseWholeNumber, untilInterrupted, withPlaces } from './lab-options.ts';

/** Names of the models; the lab itself is loaded only when it is needed. */
export const MODELS = ['generic', 'idrac', 'ilo', 'xcc', 'supermicro', 'openbmc'] as const;

interface RedfishOptions extends PlaceOptions {
  readonly model: (typeof MODELS)[number];
  readonly http?: boolean;
  readonly certificates?: string;
  readonly sessionLimit?: number;
  readonly taskSeconds: number;
  readonly replay?: string;
  readonly faults: string;
}

export function defineRedfish(noun: Command, context: Context): void {
  const command = noun
    .command('redfish')
    .description('run simulated Redfish services in one process, until it is interrupted; their machines are off');
  withPlaces(command, 'TCP', 8443)
    .addOption(new Option('--model <model>', 'whose service it is like').choices(MODELS).default('generic'))
    .option('--http', 'speak plain http (default: https with certificates of their own)')
    .option('--certificates <file>', 'write the certificates, which vouch for themselves, into a file in PEM')
    .option('--session-limit <number>', "sessions that each has at once (default: the model's)", parseWholeNumber)
    .option('--task-seconds <number>', 'how long a task takes', Number, 1)
    .option('--replay <file>', 'answer from a captured service, a JSON file of resources by their paths')
    .option('--faults <list>', 'faults by share of the services: silent=1%,slow=5%,unavailable=5%,missing=1%', '')
    .action((options: RedfishOptions) => serve(options, context));
}

/** Runs services until SIGINT or SIGTERM; says every ten seconds what they have seen. */
async function serve(options: RedfishOptions, context: Context): Promise<void> {
  const { parseRedfishFaults, startRedfishSimulator } = await import('@wrought/lab');
  const { count, address, port, next, userName, password, model, sessionLimit, taskSeconds, seed, faultRate } = options;
  const running = await explained(
    (async () =>
      startRedfishSimulator({
        ...{ count, model, places: { address, port, next }, taskSeconds, seed, faultRate, log: context.note },
        scheme: options.http ? 'http' : 'https',
        users: [{ name: userName, password, role: 'Administrator' }],
        faults: parseRedfishFaults(options.faults),
        ...(sessionLimit === undefined ? {} : { sessionLimit }),
        ...(options.replay === undefined ? {} : { replay: options.replay }),
      }))(),
  );
  const { certificates } = options;
  if (certificates !== undefined && !options.http) {
    const all = new Set(running.bmcs.map((bmc) => running.certificateOf(bmc)));
    await explained((async () => writeFileSync(certificates, [...all].join('')))());
  }
  context.showList(
    running.bmcs.map(({ name, url, uuid, fault }) => ({ name, url, uuid, fault: fault?.name ?? '' })),
    ['name', 'url', 'uuid', 'fault'],
  );
  await untilInterrupted(() => context.note(JSON.stringify(running.counts)));
  await running.close();
}
