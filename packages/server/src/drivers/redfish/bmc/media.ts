// The virtual drives of a machine: images that its BMC fetches and shows it as a CD, a disk or a floppy.

import { setTimeout as sleep } from 'node:timers/promises';
import { type VirtualMediaType, type VirtualMedium, virtualMediaTypes } from '@wrought/contract';
import {
  type VirtualMedia as Drive,
  ejectMedia,
  insertMedia,
  isPassing,
  listVirtualMedia,
  type MediaType,
  ResponseError,
  readVirtualMedia,
  retryWhilePassing,
  UnsupportedError,
} from '@wrought/redfish';
import { readReference } from '../../../boot/file-reference.ts';
import { servedFolders } from '../../../boot/served-folders.ts';
import type { Task, VirtualMedia } from '../../kit/index.ts';
import { isShare } from '../boot-media.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { fileNameOf, type ServedFiles } from './served-files.ts';

/** What a drive may call itself for each type of the API. */
const types: Readonly<Record<VirtualMediaType, readonly MediaType[]>> = {
  cdrom: ['CD', 'DVD'],
  disk: ['USBStick'],
  floppy: ['Floppy', 'USBStick'],
};

/** How long a drive may show what was ejected, or refuse the next image after that. */
const EJECT_MILLISECONDS = 30_000;
const LOOK_MILLISECONDS = 1000;

const drives = async ({ client, system, signal }: Bmc) => listVirtualMedia(client, await system(), { signal });

const isOfType = ({ mediaTypes }: Drive, type: VirtualMediaType) =>
  types[type].some((each) => mediaTypes.includes(each));

/** Takes out what is inserted, and waits until the drive shows it: there are BMCs that take a while. */
async function emptyDrive({ client, signal }: Bmc, { resource }: Drive): Promise<void> {
  const answer = await ejectMedia(client, resource, { signal });
  if (answer !== undefined) {
    await client.task(answer, { signal });
  }
  const until = performance.now() + EJECT_MILLISECONDS;
  // What it still shows then is told by the next insertion.
  while (readVirtualMedia(await client.get(resource.path, { signal })).isInserted && performance.now() < until) {
    await sleep(LOOK_MILLISECONDS, undefined, { signal });
  }
}

export interface InsertOptions {
  /** The machine is to boot from it. It is inserted anew then: what a BMC shows may be what was ejected just before. */
  readonly toBoot?: boolean;
  /** An image whose drive is to keep it. */
  readonly besides?: string;
}

/** Whether the machine can boot from a drive. */
const isBootable = ({ client }: Bmc, { resource }: Drive) =>
  client.behaviour.bootableMedia?.includes(resource.id) ?? true;

function checkUrl({ client }: Bmc, { resource }: Drive, image: string): void {
  if (!client.behaviour.imageUrlsWithQuery && /[?=]/.test(image)) {
    const what = 'the BMC takes no image from an URL with "?" or "="; give it another name on its server';
    throw new UnsupportedError(resource.named('POST'), what);
  }
}

/** User and password of an URL go beside it: an URL with them would be shown to everybody who reads the drive. */
function withoutLogin(given: string) {
  const url = new URL(given);
  const { username, password } = url;
  if (username === '') {
    return { image: given };
  }
  url.username = '';
  url.password = '';
  return { image: url.href, userName: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** The first drive that fits best: one with the image already, then an empty one. @throws UnsupportedError */
async function chooseDrive(
  bmc: Bmc,
  type: VirtualMediaType,
  image: string,
  { toBoot = false, besides }: InsertOptions,
): Promise<Drive> {
  const ofType = (await drives(bmc)).filter(
    (drive) => isOfType(drive, type) && !(drive.isInserted && drive.image === besides),
  );
  const fitting = ofType.filter((drive) => !toBoot || isBootable(bmc, drive));
  const drive = fitting.find((each) => each.image === image) ?? fitting.find((each) => !each.isInserted) ?? fitting[0];
  if (drive === undefined) {
    const ids = ofType.map(({ resource }) => resource.id).join(', ');
    const what =
      ids === ''
        ? `the BMC has no virtual drive for a ${type}`
        : `the machine boots from no virtual drive for a ${type} that the BMC has (${ids})`;
    throw new UnsupportedError((await bmc.system()).named(), what);
  }
  return drive;
}

/** Puts an image into a drive of the type, in place of what is there. Safe to repeat. */
export async function insert(
  bmc: Bmc,
  type: VirtualMediaType,
  url: string,
  options: InsertOptions = {},
): Promise<void> {
  const { client, signal } = bmc;
  const { toBoot = false } = options;
  const { image, ...login } = withoutLogin(url);
  const drive = await chooseDrive(bmc, type, image, options);
  checkUrl(bmc, drive, image);
  if (drive.isInserted && drive.image === image && !toBoot) {
    return;
  }
  if (drive.isInserted) {
    await emptyDrive(bmc, drive);
  }
  const mediaType = types[type].find((each) => drive.mediaTypes.includes(each)) as MediaType;
  const put = async () => {
    const resource = await client.get(drive.resource.path, { signal });
    await client.task(await insertMedia(client, resource, { image, mediaType, ...login }, { signal }), { signal });
  };
  await retryWhilePassing(put, {
    forMilliseconds: EJECT_MILLISECONDS,
    everyMilliseconds: LOOK_MILLISECONDS,
    signal,
    // A drive that was ejected a moment ago may not take the next image yet.
    passes: (error) => isPassing(error) || (drive.isInserted && error instanceof ResponseError && error.status >= 500),
  });
}

/**
 * Shows the machine a CD with the image of this URL.
 *
 * @throws UnsupportedError where no boot target stands for a virtual CD
 */
export async function insertBootCd(bmc: Bmc, image: string): Promise<void> {
  const system = await bmc.system();
  if (!bmc.client.behaviour.bootsVirtualCd) {
    const what =
      'the firmware of this BMC has no boot target for a virtual CD: update it, or take another boot interface: redfish-https, ipxe, or that of the maker';
    throw new UnsupportedError(system.named('PATCH'), what);
  }
  await insert(bmc, 'cdrom', image, { toBoot: true });
}

/** Empties the drives of these types, or only those with one image. Safe to repeat. */
export async function eject(bmc: Bmc, which: readonly VirtualMediaType[], image?: string): Promise<void> {
  for (const drive of await drives(bmc)) {
    const isMeant = which.some((type) => isOfType(drive, type)) && (image === undefined || drive.image === image);
    if (drive.isInserted && isMeant) {
      await emptyDrive(bmc, drive);
    }
  }
}

/** The drives as the API shows them: the names of Redfish in the spelling of Ironic. */
function shown({ resource, mediaTypes, image, isInserted, isWriteProtected, connectedVia }: Drive): object {
  return {
    identity: resource.id,
    name: resource.text('Name') ?? null,
    media_types: mediaTypes,
    inserted: isInserted,
    image: image ?? null,
    image_name: resource.text('ImageName') ?? null,
    write_protected: isWriteProtected ?? null,
    connected_via: connectedVia ?? null,
  };
}

const folderOf = ({ node }: Task, type: VirtualMediaType) => `${servedFolders.virtualMedia}/${node.uuid}/${type}`;

/**
 * The URL that the BMC gets: shares that it mounts itself, and what it is to fetch itself, as they are given; all else from this
 * server.
 *
 * @throws InvalidParameterValue for sources that nobody may or can fetch
 */
async function urlForBmc(task: Task, medium: VirtualMedium, served: ServedFiles): Promise<string> {
  const { device_type: type, image_url: image, image_download_source: from } = medium;
  if (isShare(image)) {
    return image;
  }
  const source = await readReference('image_url', image, task.config);
  return source.kind === 'url' && from !== 'local'
    ? source.url
    : (await served.serve(task, source, folderOf(task, type), fileNameOf(image))).url;
}

/** The virtual media of the management interface. */
export function redfishMedia({ perform }: RedfishCalls, served: ServedFiles): VirtualMedia {
  return {
    list: (task) => perform(task, 'list virtual media', async (bmc) => (await drives(bmc)).map(shown)),
    async attach(task, medium) {
      const url = await urlForBmc(task, medium, served);
      await perform(task, 'insert virtual media', (bmc) => insert(bmc, medium.device_type, url));
      task.record({ kind: 'bmc', message: `A ${medium.device_type} is inserted.` });
    },
    async detach(task, wanted) {
      const which = wanted.length === 0 ? virtualMediaTypes : wanted;
      await perform(task, 'eject virtual media', (bmc) => eject(bmc, which));
      for (const type of which) {
        await served.withdraw(task, folderOf(task, type));
      }
      task.record({ kind: 'bmc', message: `Virtual media are ejected: ${which.join(', ')}.` });
    },
  };
}

/** What the drives of a machine call themselves, and emptying them by that. */
export function redfishDrives({ perform }: RedfishCalls) {
  return {
    driveTypes: (task: Task) =>
      perform(task, 'list virtual media', async (bmc) => [
        ...new Set((await drives(bmc)).flatMap(({ mediaTypes }) => mediaTypes)),
      ]),
    /** All of them when no type is given. Safe to repeat. */
    async ejectDrives(task: Task, type: MediaType | undefined): Promise<void> {
      await perform(task, 'eject virtual media', async (bmc) => {
        for (const drive of await drives(bmc)) {
          if (drive.isInserted && (type === undefined || drive.mediaTypes.includes(type))) {
            await emptyDrive(bmc, drive);
          }
        }
      });
      task.record({ kind: 'bmc', message: `Virtual media are ejected: ${type ?? 'all'}.` });
    },
  };
}
