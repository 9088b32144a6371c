// wrought volume-target: volumes on the network that machines get.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';

const target: ResourceKind = {
  name: 'volume-target',
  path: '/v1/volume/targets',
  listKey: 'targets',
  columns: ['uuid', 'node_uuid', 'volume_type', 'boot_index', 'volume_id'],
  createExample: 'wrought volume-target create node_uuid=UUID volume_type=iscsi boot_index:=0 volume_id=ID',
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, target);
}
