// The firmware of a machine and its BMC: which there is, and updates that the BMC fetches or gets sent.

import { createHash } from 'node:crypto';
import type { FirmwareComponent } from '@wrought/contract';
import {
  chassisOf,
  type FileSource,
  labelledSerialNumber,
  managersOf,
  pullUpdate,
  pushUpdate,
  readFirmware,
  readManager,
  readNetworkAdapters,
  readSystem,
  readUpdateService,
  taskPath,
  type UpdateService,
} from '@wrought/redfish';
import { readReference } from '../../../boot/file-reference.ts';
import type { Task } from '../../kit/index.ts';
import { type FirmwareImage, shownImage } from '../firmware-images.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { createFirmwareFiles, type FirmwareFiles } from './firmware-files.ts';
import type { ServedFiles } from './served-files.ts';
import { findTask, lookAtTask, type TaskState } from './tasks.ts';

export interface RedfishFirmware {
  readComponents(task: Task): Promise<readonly FirmwareComponent[]>;
  /** The version of a component, or what tells all the firmware apart; null where the BMC tells none. */
  versionOf(task: Task, component: string | null): Promise<string | null>;
  /** @throws InvalidParameterValue for an image that nobody may fetch */
  checkImage(task: Task, image: FirmwareImage): Promise<void>;
  /** Begins an update; answers where the BMC tells of it, null where it is over already. */
  beginUpdate(task: Task, image: FirmwareImage): Promise<string | null>;
  /** Takes images back that this server serves for the node. Safe to repeat. */
  withdrawImages(task: Task): Promise<void>;
  lookAtUpdate(task: Task, path: string | null): Promise<TaskState>;
  /** Where the BMC tells of an update that runs; null when none does. */
  runningUpdate(task: Task): Promise<string | null>;
}

async function componentsOf({ client, system, signal }: Bmc): Promise<FirmwareComponent[]> {
  const options = { signal };
  const resource = await system();
  const { biosVersion, manufacturer, model } = readSystem(resource);
  const found: FirmwareComponent[] = [];
  const serialNumber = labelledSerialNumber(client, resource) ?? null;
  const identity = { vendor: manufacturer ?? null, model: model ?? null, serial_number: serialNumber };
  if (biosVersion !== undefined) {
    found.push({ component: 'bios', current_version: biosVersion, ...identity });
  }
  const manager = (await managersOf(client, resource, options)).map(readManager)[0];
  if (manager?.firmwareVersion !== undefined) {
    found.push({
      component: 'bmc',
      current_version: manager.firmwareVersion,
      ...{ vendor: manager.manufacturer ?? manufacturer ?? null, model: manager.model ?? null, serial_number: null },
    });
  }
  for (const chassis of await chassisOf(client, resource, options)) {
    for (const adapter of await readNetworkAdapters(client, chassis, options)) {
      if (adapter.firmwareVersion !== undefined) {
        found.push({
          component: `nic:${adapter.id}`,
          current_version: adapter.firmwareVersion,
          vendor: adapter.manufacturer ?? null,
          model: adapter.model ?? null,
          serial_number: adapter.serialNumber ?? null,
        });
      }
    }
  }
  return found;
}

/** What all the firmware is, in a form that changes with any of its versions. */
async function fingerprintOf({ client, signal }: Bmc): Promise<string> {
  const service = await readUpdateService(client, { signal });
  const items = (await readFirmware(client, service, { signal })).map(({ id, version }) => `${id} ${version}`);
  return createHash('sha256').update(items.sort().join('\n')).digest('hex');
}

/** How an image gets to a BMC: it fetches from an URL, or is sent a file. */
type Way = { readonly url: string } | { readonly file: FileSource };

/** Chooses the way; a BMC that can not fetch is sent the image. */
async function wayOf(task: Task, image: FirmwareImage, service: UpdateService, files: FirmwareFiles): Promise<Way> {
  const source = image.source ?? task.config.redfish.firmware_source;
  const canSend = service.multipartPath !== undefined || service.pushPath !== undefined;
  if (service.canPull && source === 'http' && /^https?:/i.test(image.url)) {
    return { url: image.url };
  }
  return service.canPull && (source === 'local' || !canSend)
    ? { url: await files.publish(task, image) }
    : { file: await files.copyOf(task, image) };
}

/** The firmware of a machine; `served` are images that this server serves or sends. */
export function redfishFirmware({ perform }: RedfishCalls, served: ServedFiles): RedfishFirmware {
  const files = createFirmwareFiles(served);
  return {
    readComponents: (task) => perform(task, 'read firmware', componentsOf),
    versionOf: (task, component) =>
      perform(task, 'read firmware', async (bmc) => {
        if (component === null) {
          return fingerprintOf(bmc);
        }
        return (await componentsOf(bmc)).find((each) => each.component === component)?.current_version ?? null;
      }),
    async checkImage(task, image) {
      await readReference(`The url of ${shownImage(image)}`, image.url, task.config);
    },
    async beginUpdate(task, image) {
      const service = await perform(task, 'look at update service', ({ client, signal }) =>
        readUpdateService(client, { signal }),
      );
      // Fetching an image takes its time, which others may use the BMC in.
      const way = await wayOf(task, image, service, files);
      return perform(task, 'update firmware', async ({ client, signal }) => {
        const answer =
          'url' in way
            ? await pullUpdate(client, service, way.url, { signal })
            : await pushUpdate(client, service, way.file, { signal });
        return taskPath(answer) ?? null;
      });
    },
    withdrawImages: (task) => files.withdraw(task),
    lookAtUpdate: (task, path) =>
      perform(task, 'look at firmware update', ({ client, signal }) => lookAtTask(client, path, signal)),
    runningUpdate: (task) =>
      perform(task, 'find firmware update', ({ client, signal }) => findTask(client, /update|firmware/i, signal)),
  };
}
