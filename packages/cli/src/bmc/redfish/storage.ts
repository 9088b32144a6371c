// storage: controllers, drives and volumes.
import { type Client, listStorage, listVolumes, type Resource, readDrives, readSimpleStorage } from '@wrought/redfish';
import type { Command } from 'commander';
import { showTable } from '../show.ts';
import type { Service } from './service.ts';

const bytesAGigabyte = 1e9;
const gigabytes = (bytes: number | undefined) => (bytes === undefined ? undefined : Math.round(bytes / bytesAGigabyte));

async function drivesOf(client: Client, system: Resource): Promise<object[]> {
  const rows: object[] = [];
  for (const storage of await listStorage(client, system)) {
    for (const drive of await readDrives(client, storage)) {
      const { id, name, model, serialNumber, mediaType, protocol, capacityBytes, lifeLeftPercent, status, path } =
        drive;
      rows.push({
        ...{ storage: storage.id, id, name, model, serialNumber, media: mediaType, protocol, capacityBytes },
        ...{ gigabytes: gigabytes(capacityBytes), lifeLeftPercent, state: status.state, health: status.health, path },
      });
    }
  }
  if (rows.length > 0) return rows;
  return (await readSimpleStorage(client, system)).map(({ name, model, capacityBytes, status }) => ({
    ...{ storage: 'simple', name, model, capacityBytes, gigabytes: gigabytes(capacityBytes) },
    ...{ state: status.state, health: status.health },
  }));
}

export function defineStorage(commands: Command, { context, withSystem }: Service): void {
  const storage = commands.command('storage').description('controllers, drives and volumes');
  storage
    .command('list')
    .description('storage and its controllers')
    .action(() =>
      withSystem(async (client, system) => {
        const rows = (await listStorage(client, system)).flatMap(({ id, path, controllers, drivePaths, status }) =>
          controllers.map(({ name, model, firmwareVersion, raidTypes, status: own }) => ({
            ...{ id, controller: name, model, firmware: firmwareVersion, raidTypes, drives: drivePaths.length },
            ...{ health: own.health ?? status.healthRollup ?? status.health, path },
          })),
        );
        showTable(context, rows, ['id', 'controller', 'model', 'firmware', 'drives', 'health']);
      }),
    );
  storage
    .command('drives')
    .description('drives with their capacity and health')
    .action(() =>
      withSystem(async (client, system) =>
        showTable(context, await drivesOf(client, system), [
          ...['storage', 'id', 'model', 'serial_number', 'media', 'protocol', 'gigabytes', 'health'],
        ]),
      ),
    );
  storage
    .command('volumes')
    .description('volumes, and what is going on with them')
    .action(() =>
      withSystem(async (client, system) => {
        const rows: object[] = [];
        for (const each of await listStorage(client, system)) {
          for (const { id, name, raidType, capacityBytes, drivePaths, operations, status, path } of await listVolumes(
            client,
            each,
          )) {
            rows.push({
              ...{ storage: each.id, id, name, raid: raidType, capacityBytes, gigabytes: gigabytes(capacityBytes) },
              ...{ drives: drivePaths, operations, state: status.state, health: status.health, path },
            });
          }
        }
        showTable(context, rows, ['storage', 'id', 'name', 'raid', 'gigabytes', 'health', 'operations']);
      }),
    );
}
