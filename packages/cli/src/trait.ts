// wrought node trait, wrought runbook trait: the traits by which schedulers choose machines, and machines their templates and runbooks.
import type { Command } from 'commander';
import { ident } from './arguments.ts';
import type { Context } from './context.ts';

/** Defines `trait list`, `add` and `remove` for the owners of a collection: "node" of "/v1/nodes". */
export function defineTrait(noun: Command, context: Context, owner: { name: string; path: string }): void {
  const pathOf = (name: string) => `${owner.path}/${ident(name)}/traits`;
  const trait = noun.command('trait').description('list, add or remove traits');
  trait
    .command('list')
    .description(`list the traits of a ${owner.name}`)
    .argument(`<${owner.name}>`)
    .action(async (name: string) => {
      const client = await context.client();
      const { traits } = await client.get(pathOf(name));
      const names = Array.isArray(traits) ? traits : [];
      context.showList(
        names.map((trait) => ({ trait })),
        ['trait'],
      );
    });
  trait
    .command('add')
    .description(`add traits to a ${owner.name}`)
    .argument(`<${owner.name}>`)
    .argument('<trait...>')
    .action(async (name: string, traits: string[]) => {
      const client = await context.client();
      for (const trait of traits) {
        await client.send('PUT', `${pathOf(name)}/${ident(trait)}`);
        context.note(`${name} has trait ${trait}`);
      }
    });
  trait
    .command('remove')
    .description(`remove traits from a ${owner.name}`)
    .argument(`<${owner.name}>`)
    .argument('<trait...>')
    .action(async (name: string, traits: string[]) => {
      const client = await context.client();
      for (const trait of traits) {
        await client.send('DELETE', `${pathOf(name)}/${ident(trait)}`);
        context.note(`${name} no longer has trait ${trait}`);
      }
    });
}
