// wrought conductor: starts one, lists them all and whether they are alive.
import type { Command } from 'commander';
import { ident } from './arguments.ts';
import type { Context } from './context.ts';
import type { Resource } from './output.ts';
import { defineList, defineShow, type ResourceKind } from './resource-commands.ts';
import { defineRole } from './serve.ts';

const conductor: ResourceKind = {
  name: 'conductor',
  path: '/v1/conductors',
  listKey: 'conductors',
  columns: ['hostname', 'conductor_group', 'alive'],
};

export function define(noun: Command, context: Context): void {
  // Without a verb it starts a conductor, beside which `wrought api` answers requests.
  defineRole(noun, context, 'conductor');
  defineList(noun, context, conductor);
  defineShow(noun, context, conductor);
  noun
    .command('work')
    .description('list the conductors with what each has to do, and whether it takes new work')
    .action(async () => {
      const client = await context.client();
      const { conductors } = await client.get('/wrought/v1/conductors');
      context.showList(conductors as Resource[], ['hostname', 'conductor_group', 'alive', 'draining', 'work']);
    });
  for (const [verb, method, description] of [
    ['drain', 'PUT', 'let the conductor finish what it has and take nothing new'],
    ['undrain', 'DELETE', 'let the conductor take new work again'],
  ] as const) {
    noun
      .command(verb)
      .description(description)
      .argument('<conductor>')
      .action(async (name: string) => {
        const client = await context.client();
        await client.send(method, `/wrought/v1/conductors/${ident(name)}/drain`);
      });
  }
}
