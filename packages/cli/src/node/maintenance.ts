// wrought node maintenance: takes a machine out of the server's hands and gives it back.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineMaintenance(noun: Command, context: Context): void {
  const maintenance = noun.command('maintenance').description('put a node into maintenance, or take it out');
  maintenance
    .command('set')
    .description('put a node into maintenance')
    .argument('<node>')
    .option('--reason <text>', 'why')
    .action(async (node: string, options: { reason?: string }) => {
      const client = await context.client();
      await client.send('PUT', `/v1/nodes/${ident(node)}/maintenance`, options);
      context.note(`${node} is in maintenance`);
    });
  maintenance
    .command('unset')
    .description('take a node out of maintenance')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      await client.send('DELETE', `/v1/nodes/${ident(node)}/maintenance`);
      context.note(`${node} is no longer in maintenance`);
    });
}
