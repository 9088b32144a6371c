// wrought conductor: starts one, lists them all and whether they are alive.
import type { Command } from 'commander';
import type { Context } from './context.ts';
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
}
