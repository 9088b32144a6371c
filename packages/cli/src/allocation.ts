// wrought allocation: requests for any machine that fits.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';

const allocation: ResourceKind = {
  name: 'allocation',
  path: '/v1/allocations',
  listKey: 'allocations',
  columns: ['uuid', 'name', 'resource_class', 'state', 'node_uuid'],
  createExample: 'wrought allocation create resource_class=large name=web1',
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, allocation);
}
