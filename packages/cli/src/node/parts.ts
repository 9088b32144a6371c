// wrought node bios, firmware, inventory, console: what is known of the parts of a machine, and the way to its screen.
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
  const console = noun.command('console').description('show, open or close the console of a node');
  console
    .command('show')
    .description('show where the console can be reached')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      context.showOne(await client.get(`/v1/nodes/${ident(node)}/states/console`));
    });
  for (const [verb, enabled] of [
    ['open', true],
    ['close', false],
  ] as const) {
    console
      .command(verb)
      .description(`${verb} the console`)
      .argument('<node>')
      .action(async (node: string) => {
        const client = await context.client();
        await client.send('PUT', `/v1/nodes/${ident(node)}/states/console`, { enabled });
        context.note(`${node}: console to ${verb} requested`);
      });
  }
}
