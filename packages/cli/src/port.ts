// wrought port: the network ports of machines.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';

const port: ResourceKind = {
  name: 'port',
  path: '/v1/ports',
  listKey: 'ports',
  columns: ['uuid', 'address', 'node_uuid', 'pxe_enabled', 'physical_network'],
  createExample: 'wrought port create node_uuid=UUID address=52:54:00:00:00:01',
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, port);
}
