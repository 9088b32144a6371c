// wrought bmc capture: reads all of a service into a file that `wrought lab redfish --replay` answers from.
import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseCount } from '../../arguments.ts';
import { CommandError } from '../../command-error.ts';
import type { Context } from '../../context.ts';
import { type ServiceOptions, serviceNotes, withClient, withServiceOptions } from '../redfish/service.ts';
import { showFields } from '../show.ts';
import { anonymise, withoutSecrets } from './anonymise.ts';
import type { Kind } from './identities.ts';
import { type Walk, walk } from './walk.ts';

interface CaptureOptions extends ServiceOptions {
  readonly output: string;
  readonly anonymise: boolean;
  readonly limit: number;
}

const notes = `
It reads only (GET, one request at a time), but for its own login. Logs, sessions, schemas, measurements and dumps are left out.
Secrets never get into the file. Serial numbers, MAC addresses, UUIDs, names of hosts and users, IP addresses, URLs, asset tags and places
are replaced, the same value everywhere in the same way; look through the file all the same before you give it away.
`;
const usualLimit = 5000;
const progressEvery = 50;

export function defineCapture(noun: Command, context: Context): void {
  const command = noun.command('capture');
  withServiceOptions(command)
    .description(
      'read all of a Redfish service into a file for "wrought lab redfish --replay", without what tells whose it is',
    )
    .argument('<url>', 'host, address or URL of the BMC; https unless it says http')
    .requiredOption('-o, --output <file>', 'the file to make')
    .option('--no-anonymise', 'leave names, numbers and addresses as they are; secrets are taken out all the same')
    .option('--limit <count>', 'how many resources to read at most', parseCount, usualLimit)
    .option('--json', 'the same as --format json')
    .addHelpText('after', notes + serviceNotes)
    .action((url: string, options: CaptureOptions) => {
      if (options.json) noun.parent?.setOptionValue('format', 'json');
      return capture(url, options, context, (message) => command.error(`error: ${message}`));
    });
}

async function capture(
  url: string,
  options: CaptureOptions,
  context: Context,
  misused: (message: string) => never,
): Promise<void> {
  const { output } = options;
  if (existsSync(output)) throw new CommandError(`${output} is there already; name another file, or remove it`);
  let hosts: Readonly<Record<string, Kind>> = {};
  const walked = await withClient({ context, url, options, misused }, (client) => {
    hosts = { [new URL(client.origin).hostname]: 'host name' };
    return walk(client, {
      maximumResources: options.limit,
      onProgress: (read, waiting) => {
        if (read % progressEvery === 0) context.note(`${read} resources read, ${waiting} known to come`);
      },
    });
  });
  tellWhatIsLeftOut(walked, context);
  const { bodies, secrets } = withoutSecrets(walked.bodies);
  const made = options.anonymise ? anonymise(bodies, hosts) : undefined;
  save(output, `${JSON.stringify(Object.fromEntries(made?.bodies ?? bodies), null, 1)}\n`);
  showFields(context, {
    ...{ file: output, resources: bodies.size, leftOut: walked.leftOut.size, secretsRemoved: secrets },
    replaced: made === undefined ? 'nothing' : Object.fromEntries(made.replaced),
  });
}

/** Readable for its owner alone until somebody decides otherwise. */
function save(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new CommandError(`${file} can not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Each reason once with how many it holds for; those of single resources in full. */
function tellWhatIsLeftOut({ leftOut }: Walk, context: Context): void {
  const paths = Map.groupBy(leftOut, ([, why]) => why);
  for (const [why, [first, ...others]] of paths) {
    context.note(`left out: ${first?.[0]}${others.length === 0 ? '' : ` and ${others.length} more`}: ${why}`);
  }
}
