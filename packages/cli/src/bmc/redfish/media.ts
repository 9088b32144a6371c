// media: images in the virtual drives of the BMC.
import {
  type Client,
  ejectMedia,
  insertMedia,
  listVirtualMedia,
  type MediaType,
  type Resource,
  type VirtualMedia,
} from '@wrought/redfish';
import { type Command, Option } from 'commander';
import { CommandError } from '../../command-error.ts';
import { readSecret } from '../credentials.ts';
import { showFields, showTable } from '../show.ts';
import { oneOf, type Service } from './service.ts';

const kinds = { cd: ['CD', 'DVD'], usb: ['USBStick'], floppy: ['Floppy'] } as const satisfies Readonly<
  Record<string, readonly [MediaType, ...MediaType[]]>
>;

interface InsertOptions {
  readonly drive?: string;
  readonly type: keyof typeof kinds;
  readonly writable?: true;
  readonly imageUser?: string;
  readonly imagePasswordFile?: string;
}

type Drive = VirtualMedia & { readonly id: string; readonly path: string };

async function drivesOf(client: Client, system: Resource): Promise<Drive[]> {
  const drives = await listVirtualMedia(client, system);
  return drives.map((each) => ({ ...each, id: each.resource.id, path: each.resource.path }));
}

/** The drive that is named, else an empty one for that kind of media. */
function driveFor(drives: readonly Drive[], { drive, type }: InsertOptions): Drive {
  if (drive !== undefined) return oneOf('virtual drive', drives, drive);
  const fitting = drives.filter(({ mediaTypes }) => kinds[type].some((each) => mediaTypes.includes(each)));
  const empty = fitting.find(({ isInserted }) => !isInserted);
  if (empty !== undefined) return empty;
  if (fitting.length === 0) {
    const has = drives.map(({ id, mediaTypes }) => `${id} (${mediaTypes.join(', ')})`).join(', ');
    throw new CommandError(`the BMC has no virtual drive for ${type}; it has ${has}`);
  }
  const full = fitting.map(({ id, image }) => `${id} has ${image ?? 'something'}`).join(', ');
  throw new CommandError(`no virtual drive for ${type} is empty: ${full}; eject it first`);
}

export function defineMedia(commands: Command, { context, withSystem, toChange, misused }: Service): void {
  const media = commands.command('media').description('images in virtual drives');
  media
    .command('list')
    .description('the virtual drives, and what is in them')
    .action(() =>
      withSystem(async (client, system) => {
        const rows = (await drivesOf(client, system)).map(
          ({ id, path, mediaTypes, isInserted, image, connectedVia }) => ({
            ...{ id, types: mediaTypes, inserted: isInserted, image, connectedVia, path },
          }),
        );
        showTable(context, rows, ['id', 'types', 'inserted', 'image']);
      }),
    );
  media
    .command('insert')
    .description('insert the image at a URL, which the BMC reads by itself')
    .argument('<url>')
    .option('--drive <id>', 'which drive (default: an empty one of the type)')
    .addOption(new Option('--type <type>', 'kind of drive').choices(Object.keys(kinds)).default('cd'))
    .option('--writable', 'let the machine write to it')
    .option('--image-user <name>', 'user at the server of the image')
    .option('--image-password-file <file>', 'file with the password of that user')
    .action((image: string, options: InsertOptions) => {
      if (!URL.canParse(image)) misused(`"${image}" is no URL; the BMC reads http, https, nfs and cifs at most`);
      const { type, writable, imageUser: userName, imagePasswordFile: file } = options;
      return toChange(async (client, system) => {
        const drive = driveFor(await drivesOf(client, system), options);
        const mediaType = kinds[type].find((each) => drive.mediaTypes.includes(each)) ?? kinds[type][0];
        const begun = await insertMedia(client, drive.resource, {
          ...{ image, mediaType, isWriteProtected: writable !== true },
          ...(userName === undefined ? {} : { userName }),
          ...(file === undefined ? {} : { password: readSecret(file) }),
        });
        await client.task(begun);
        showFields(context, { inserted: image, drive: drive.id });
      });
    });
  media
    .command('eject')
    .description('eject an image, or, without a drive, all of them')
    .argument('[drive]')
    .action((wanted: string | undefined) =>
      toChange(async (client, system) => {
        const drives = await drivesOf(client, system);
        const full = wanted === undefined ? drives.filter(({ isInserted }) => isInserted) : [];
        const meant = wanted === undefined ? full : [oneOf('virtual drive', drives, wanted)];
        for (const { resource } of meant) {
          const begun = await ejectMedia(client, resource);
          if (begun !== undefined) await client.task(begun);
        }
        showFields(context, { ejected: meant.map(({ id }) => id) });
      }),
    );
}
