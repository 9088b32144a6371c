// health: how the machine and its parts are.
import {
  type Client,
  chassisOf,
  listStorage,
  listVolumes,
  managersOf,
  type Resource,
  readChassisReadings,
  readDrives,
  readMemory,
  readNetworkAdapters,
  readProcessors,
  readStatus,
  type Status,
} from '@wrought/redfish';
import type { Command } from 'commander';
import { showTable } from '../show.ts';
import type { Service } from './service.ts';

interface Part {
  readonly kind: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly status: Status;
}

type Named = Omit<Part, 'kind' | 'name'> & { readonly name?: string | undefined };

const parts = (kind: string, found: readonly Named[]): Part[] =>
  found.map(({ id, name, status }) => ({ kind, id, name, status }));

const whole = (kind: string, resource: Resource): Part => ({
  ...{ kind, id: resource.id, name: resource.text('Name'), status: readStatus(resource) },
});

async function partsOf(client: Client, system: Resource): Promise<Part[]> {
  const found = [whole('system', system)];
  for (const manager of await managersOf(client, system)) found.push(whole('manager', manager));
  found.push(...parts('processor', await readProcessors(client, system)));
  found.push(...parts('memory', await readMemory(client, system)));
  for (const storage of await listStorage(client, system)) {
    found.push(...parts('storage', [storage]), ...parts('controller', storage.controllers));
    found.push(...parts('drive', await readDrives(client, storage)));
    found.push(...parts('volume', await listVolumes(client, storage)));
  }
  for (const chassis of await chassisOf(client, system)) {
    found.push(whole('chassis', chassis));
    const { sensors, powerSupplies } = await readChassisReadings(client, chassis);
    found.push(...parts('power supply', powerSupplies), ...parts('sensor', sensors));
    found.push(...parts('network card', await readNetworkAdapters(client, chassis)));
  }
  return found;
}

export function defineHealth(commands: Command, { context, withSystem }: Service): void {
  commands
    .command('health')
    .description('state and health of the machine and of each of its parts')
    .option('--problems', 'only those with a health that is not OK')
    .action((options: { problems?: true }) =>
      withSystem(async (client, system) => {
        const rows = (await partsOf(client, system)).map(({ kind, id, name, status }) => ({
          ...{ part: kind, id, name, state: status.state, health: status.healthRollup ?? status.health },
        }));
        const shown = options.problems
          ? rows.filter(({ health }) => health !== undefined && health !== 'OK')
          : rows.filter(({ part, health }) => part !== 'sensor' || (health !== undefined && health !== 'OK'));
        showTable(context, shown, ['part', 'id', 'name', 'state', 'health']);
      }),
    );
}
