// wrought node raid: the logical disks that a node is to have, and those that it has.
import type { Command } from 'commander';
import { ident, parseJson } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineRaid(noun: Command, context: Context): void {
  const raid = noun.command('raid').description('show, set or unset the logical disks of a node');
  const set = async (node: string, configuration: unknown) => {
    const client = await context.client();
    await client.send('PUT', `/v1/nodes/${ident(node)}/states/raid`, configuration);
  };
  raid
    .command('show')
    .description('show the logical disks that the node has (raid_config) and is to have (target_raid_config)')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const { raid_config, target_raid_config } = await client.get(`/v1/nodes/${ident(node)}/states`);
      context.showOne({ raid_config, target_raid_config });
    });
  raid
    .command('set')
    .description('say which logical disks the node is to have; the clean step raid.create_configuration makes them')
    .argument('<node>')
    .argument(
      '<json>',
      'such as {"logical_disks": [{"size_gb": 100, "raid_level": "1"}]}, in place or as @FILE',
      parseJson,
    )
    .action(async (node: string, configuration: unknown) => {
      await set(node, configuration);
      context.note(`target RAID configuration of ${node} set`);
    });
  raid
    .command('unset')
    .description('leave the logical disks of the node as they are')
    .argument('<node>')
    .action(async (node: string) => {
      await set(node, {});
      context.note(`target RAID configuration of ${node} removed`);
    });
}
