// wrought inspection-rule: what is done to machines whose inventory meets conditions.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';

const inspectionRule: ResourceKind = {
  name: 'inspection-rule',
  path: '/v1/inspection_rules',
  listKey: 'inspection_rules',
  columns: ['uuid', 'priority', 'description'],
  createExample: `wrought inspection-rule create 'actions:=[{"op": "add-trait", "args": {"name": "CUSTOM_A"}}]'`,
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, inspectionRule);
}
