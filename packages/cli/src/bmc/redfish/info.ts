// info and indicator: what the machine is, and the light to find it by.
import {
  type Client,
  chassisOf,
  hasIndicator,
  type Indicator,
  managersOf,
  type Resource,
  readIndicator,
  readManager,
  readSystem,
  setIndicator,
} from '@wrought/redfish';
import { Argument, type Command } from 'commander';
import { CommandError } from '../../command-error.ts';
import { showFields } from '../show.ts';
import type { Service } from './service.ts';

const lights = { lit: 'Lit', blinking: 'Blinking', off: 'Off' } as const satisfies Readonly<Record<string, Indicator>>;

export function defineInfo(commands: Command, { context, withSystem, toChange }: Service): void {
  commands
    .command('info')
    .description('make, model, serial numbers, firmware, power')
    .action(() =>
      withSystem(async (client, system) => {
        const root = await client.root();
        const { status, memoryGiB, ...rest } = readSystem(system);
        const managers = (await managersOf(client, system)).map(readManager);
        showFields(context, {
          ...rest,
          memoryGib: memoryGiB,
          ...{ state: status.state, health: status.healthRollup ?? status.health },
          managers: managers.map(({ path, model, firmwareVersion }) => [path, model, firmwareVersion].join(' ').trim()),
          redfishVersion: root.text('RedfishVersion'),
        });
      }),
    );
  commands
    .command('indicator')
    .description('the light to find the machine by; without a word, how it is')
    .addArgument(new Argument('[how]').choices(Object.keys(lights)))
    .action((how: keyof typeof lights | undefined) =>
      (how === undefined ? withSystem : toChange)(async (client, system) => {
        const owner = await lightOwner(client, system);
        if (how !== undefined) await setIndicator(client, owner, lights[how]);
        showFields(context, { indicator: how ?? readIndicator(owner)?.toLowerCase(), at: owner.path });
      }),
    );
}

/** The light is that of the system, else that of a chassis. */
async function lightOwner(client: Client, system: Resource): Promise<Resource> {
  if (hasIndicator(system)) return system;
  const owner = (await chassisOf(client, system)).find(hasIndicator);
  if (owner !== undefined) return owner;
  throw new CommandError(`neither ${system.path} nor its chassis has a light to find it by`);
}
