// wrought node bios, firmware, inventory: what is known of the parts of a machine.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineParts(noun: Command, context: Context): void {
  noun
    .command('bios')
    .description('list the settings of the BIOS')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      context.showList(await client.list(`/v1/nodes/${ident(node)}/bios`, 'bios'), ['name', 'value']);
    });
  noun
    .command('firmware')
    .description('list the components that have firmware, with their versions')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const components = await client.list(`/v1/nodes/${ident(node)}/firmware`, 'firmware');
      context.showList(components, ['component', 'initial_version', 'current_version', 'last_version_flashed']);
    });
  noun
    .command('inventory')
    .description('show what the last inspection found')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      context.showOne(await client.get(`/v1/nodes/${ident(node)}/inventory`));
    });
}
