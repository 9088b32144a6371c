// power: the power of the machine, and how much of it it takes.
import {
  chassisOf,
  type ResetType,
  readPowerMetrics,
  readSystem,
  resetSystem,
  retryWhilePassing,
} from '@wrought/redfish';
import type { Command } from 'commander';
import { showFields, showTable } from '../show.ts';
import type { Service } from './service.ts';

/** What will do for each, best first: the first one that the BMC takes. */
const verbs: Readonly<Record<string, { types: readonly [ResetType, ...ResetType[]]; description: string }>> = {
  on: { types: ['On', 'ForceOn'], description: 'switch the machine on' },
  off: { types: ['ForceOff'], description: 'take the power away at once' },
  soft: { types: ['GracefulShutdown'], description: 'ask the operating system to shut down' },
  reset: { types: ['ForceRestart', 'PowerCycle'], description: 'reset the machine at once' },
  nmi: { types: ['Nmi'], description: 'send the diagnostic interrupt (NMI)' },
};

export function definePower(commands: Command, { context, withSystem, toChange }: Service): void {
  const power = commands.command('power').description('the power of the machine');
  power
    .command('status')
    .description('whether the machine is on')
    .action(() =>
      withSystem(async (_, system) => showFields(context, { power: readSystem(system).powerState?.toLowerCase() })),
    );
  power
    .command('usage')
    .description('how much power the machine takes, in watts')
    .action(() =>
      withSystem(async (client, system) => {
        const rows: object[] = [];
        for (const chassis of await chassisOf(client, system)) {
          const metrics = await readPowerMetrics(client, chassis);
          if (metrics === undefined) continue;
          const { consumedWatts, limitWatts, minimumWatts, averageWatts, maximumWatts, intervalMinutes } = metrics;
          rows.push({
            ...{ chassis: chassis.id, consumedWatts, limitWatts, minimumWatts, averageWatts, maximumWatts },
            intervalMinutes,
          });
        }
        showTable(context, rows, ['chassis', 'consumed_watts', 'limit_watts', 'average_watts', 'maximum_watts']);
      }),
    );
  for (const [verb, { types, description }] of Object.entries(verbs)) {
    power
      .command(verb)
      .description(description)
      .action(() =>
        toChange(async (client, system) => {
          const { type } = await retryWhilePassing(() => resetSystem(client, system, types));
          // Accepted and not yet done: only the status tells when it is.
          showFields(context, { accepted: type });
        }),
      );
  }
}
