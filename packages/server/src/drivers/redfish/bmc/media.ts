// The virtual drives of a machine: images that its BMC fetches and shows it as a CD, a disk or a floppy.

import { type VirtualMediaType, virtualMediaTypes } from '@wrought/contract';
import {
  type VirtualMedia as Drive,
  ejectMedia,
  insertMedia,
  listVirtualMedia,
  type MediaType,
  UnsupportedError,
} from '@wrought/redfish';
import type { Task, VirtualMedia } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

/** What a drive may call itself for each type of the API. */
const types: Readonly<Record<VirtualMediaType, readonly MediaType[]>> = {
  cdrom: ['CD', 'DVD'],
  disk: ['USBStick'],
  floppy: ['Floppy', 'USBStick'],
};

const drives = async ({ client, system, signal }: Bmc) => listVirtualMedia(client, await system(), { signal });

const isOfType = ({ mediaTypes }: Drive, type: VirtualMediaType) =>
  types[type].some((each) => mediaTypes.includes(each));

/** Puts an image into the first drive of the type, in place of what is there. Safe to repeat. */
export async function insert(bmc: Bmc, type: VirtualMediaType, image: string): Promise<void> {
  const { client, system, signal } = bmc;
  const fitting = (await drives(bmc)).filter((drive) => isOfType(drive, type));
  const drive = fitting.find((each) => each.image === image) ?? fitting.find((each) => !each.isInserted) ?? fitting[0];
  if (drive === undefined) {
    throw new UnsupportedError((await system()).named(), `the BMC has no virtual drive for a ${type}`);
  }
  if (drive.isInserted && drive.image === image) {
    return;
  }
  if (drive.isInserted) {
    await ejectMedia(client, drive.resource, { signal });
  }
  const mediaType = types[type].find((each) => drive.mediaTypes.includes(each)) as MediaType;
  await client.task(await insertMedia(client, drive.resource, { image, mediaType }, { signal }), { signal });
}

/** Empties the drives of these types, or only those with one image. Safe to repeat. */
export async function eject(bmc: Bmc, which: readonly VirtualMediaType[], image?: string): Promise<void> {
  for (const drive of await drives(bmc)) {
    const isMeant = which.some((type) => isOfType(drive, type)) && (image === undefined || drive.image === image);
    if (drive.isInserted && isMeant) {
      await ejectMedia(bmc.client, drive.resource, { signal: bmc.signal });
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

/** The virtual media of the management interface. */
export function redfishMedia({ perform }: RedfishCalls): VirtualMedia {
  return {
    list: (task) => perform(task, 'list virtual media', async (bmc) => (await drives(bmc)).map(shown)),
    async attach(task, { device_type: type, image_url: image }) {
      await perform(task, 'insert virtual media', (bmc) => insert(bmc, type, image));
      task.record({ kind: 'bmc', message: `A ${type} is inserted.` });
    },
    async detach(task, wanted) {
      const which = wanted.length === 0 ? virtualMediaTypes : wanted;
      await perform(task, 'eject virtual media', (bmc) => eject(bmc, which));
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
            await ejectMedia(bmc.client, drive.resource, { signal: bmc.signal });
          }
        }
      });
      task.record({ kind: 'bmc', message: `Virtual media are ejected: ${type ?? 'all'}.` });
    },
  };
}
