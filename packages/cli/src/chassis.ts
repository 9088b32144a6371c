// wrought chassis: groups of machines.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';

const chassis: ResourceKind = {
  name: 'chassis',
  path: '/v1/chassis',
  listKey: 'chassis',
  columns: ['uuid', 'description'],
  createExample: 'wrought chassis create description="rack 4"',
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, chassis);
}
