// wrought shard: how many machines each shard has.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineList } from './resource-commands.ts';

export function define(noun: Command, context: Context): void {
  defineList(noun, context, {
    name: 'shard',
    path: '/v1/shards',
    listKey: 'shards',
    columns: ['name', 'count'],
    columnsAreFields: false,
  });
}
