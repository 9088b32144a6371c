// firmware: what runs on the parts of the machine, and updates of it.
import { statSync } from 'node:fs';
import {
  type Answer,
  type Client,
  type Firmware,
  pullUpdate,
  pushUpdate,
  readFirmware,
  readUpdateService,
  taskPath,
} from '@wrought/redfish';
import type { Command } from 'commander';
import { collect } from '../../arguments.ts';
import { CommandError } from '../../command-error.ts';
import { showFields, showTable } from '../show.ts';
import { oneOf, type Service } from './service.ts';
import { followTask } from './tasks.ts';

interface UpdateOptions {
  readonly target?: readonly string[];
  readonly wait: boolean;
}

const isUrl = (image: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(image);

function mustBeFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  throw new CommandError(`${path} is no file; give the image as a file here, or as a URL that the BMC can read`);
}

/** Targets go as paths; operators name them as the list does. */
const pathsOf = (targets: readonly string[] | undefined, found: readonly Firmware[]) =>
  targets?.map((target) => (target.startsWith('/') ? target : oneOf('firmware', found, target).path));

async function begin(client: Client, image: string, options: UpdateOptions): Promise<Answer> {
  const service = await readUpdateService(client);
  const found = options.target === undefined ? [] : await readFirmware(client, service);
  const targets = pathsOf(options.target, found);
  const wanted = targets === undefined ? {} : { targets };
  if (!isUrl(image)) return pushUpdate(client, service, { path: image }, wanted);
  if (service.canPull) return pullUpdate(client, service, image, wanted);
  throw new CommandError('the BMC reads no images by itself (no SimpleUpdate); give the image as a file');
}

export function defineFirmware(commands: Command, { context, inSession, toChange }: Service): void {
  const firmware = commands.command('firmware').description('versions of firmware, and updates');
  firmware
    .command('list')
    .description('what runs on each part')
    .action(() =>
      inSession(async (client) => {
        const found = await readFirmware(client, await readUpdateService(client));
        const rows = found.map(({ id, name, version, isUpdateable, softwareId, releaseDate, path, status }) => ({
          ...{ id, name, version, updateable: isUpdateable, softwareId, releaseDate, state: status.state, path },
        }));
        showTable(context, rows, ['id', 'name', 'version', 'updateable']);
      }),
    );
  firmware
    .command('update')
    .description('update with a file, which is sent, or a URL, which the BMC reads; waits for the end')
    .argument('<image>', 'file or URL')
    .option('--target <id>', 'what to update, by id or path; repeat (default: the image decides)', collect(String))
    .option('--no-wait', 'do not wait for the end')
    .action((image: string, options: UpdateOptions) => {
      if (!isUrl(image)) mustBeFile(image);
      return toChange(async (client) => {
        const begun = await begin(client, image, options);
        const task = taskPath(begun);
        if (!options.wait || task === undefined) {
          showFields(context, { accepted: image, task });
          return;
        }
        const state = await followTask(client, task, context);
        showFields(context, { updated: image, state });
      });
    });
}
