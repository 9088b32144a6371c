// The firmware of a machine and its BMC: which there is, and updates that the BMC fetches or gets sent.

import type { FirmwareComponent } from '@wrought/contract';
import {
  chassisOf,
  labelledSerialNumber,
  managersOf,
  pullUpdate,
  pushUpdate,
  readManager,
  readNetworkAdapters,
  readSystem,
  readUpdateService,
  taskPath,
} from '@wrought/redfish';
import type { FileCache } from '../../../boot/file-cache.ts';
import { readReference } from '../../../boot/file-reference.ts';
import { webOptions } from '../../../boot/web.ts';
import type { FirmwareWish, Task } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { findTask, lookAtTask, type TaskState } from './tasks.ts';

export interface RedfishFirmware {
  readComponents(task: Task): Promise<readonly FirmwareComponent[]>;
  /** Begins an update; answers where the BMC tells of it, null where it is over already. */
  beginUpdate(task: Task, wish: FirmwareWish): Promise<string | null>;
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

/** The firmware of a machine; `cache` keeps images that have to be sent. */
export function redfishFirmware({ perform }: RedfishCalls, cache: FileCache): RedfishFirmware {
  return {
    readComponents: (task) => perform(task, 'read firmware', componentsOf),
    async beginUpdate(task, { component, url }) {
      const source = await readReference(`The url of component ${component}`, url, task.config);
      const image = async () => ({
        path: await cache.copyOf(source, webOptions(task.config)),
        name: new URL(url).pathname.split('/').at(-1) ?? component,
      });
      return perform(task, 'update firmware', async ({ client, signal }) => {
        const service = await readUpdateService(client, { signal });
        const answer =
          service.canPull && source.kind === 'url'
            ? await pullUpdate(client, service, source.url, { signal })
            : await pushUpdate(client, service, await image(), { signal });
        return taskPath(answer) ?? null;
      });
    },
    lookAtUpdate: (task, path) =>
      perform(task, 'look at firmware update', ({ client, signal }) => lookAtTask(client, path, signal)),
    runningUpdate: (task) =>
      perform(task, 'find firmware update', ({ client, signal }) => findTask(client, /update|firmware/i, signal)),
  };
}
