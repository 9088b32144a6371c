// wrought node trait: the traits by which schedulers and deploy templates choose.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineTrait(noun: Command, context: Context): void {
  const trait = noun.command('trait').description('list, add or remove traits');
  trait
    .command('list')
    .description('list the traits of a node')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const { traits } = await client.get(`/v1/nodes/${ident(node)}/traits`);
      const names = Array.isArray(traits) ? traits : [];
      context.showList(
        names.map((name) => ({ trait: name })),
        ['trait'],
      );
    });
  trait
    .command('add')
    .description('add traits to a node')
    .argument('<node>')
    .argument('<trait...>')
    .action(async (node: string, names: string[]) => {
      const client = await context.client();
      for (const name of names) {
        await client.send('PUT', `/v1/nodes/${ident(node)}/traits/${ident(name)}`);
        context.note(`${node} has trait ${name}`);
      }
    });
  trait
    .command('remove')
    .description('remove traits from a node')
    .argument('<node>')
    .argument('<trait...>')
    .action(async (node: string, names: string[]) => {
      const client = await context.client();
      for (const name of names) {
        await client.send('DELETE', `/v1/nodes/${ident(node)}/traits/${ident(name)}`);
        context.note(`${node} no longer has trait ${name}`);
      }
    });
}
