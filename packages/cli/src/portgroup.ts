// wrought portgroup: network ports of machines that act as one.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';

const portgroup: ResourceKind = {
  name: 'portgroup',
  path: '/v1/portgroups',
  listKey: 'portgroups',
  columns: ['uuid', 'name', 'address', 'node_uuid', 'mode'],
  createExample: 'wrought portgroup create node_uuid=UUID name=bond0 mode=802.3ad',
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, portgroup);
}
