// wrought runbook: steps that an administrator allows on machines with certain traits.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';
import { defineTrait } from './trait.ts';

const runbook: ResourceKind = {
  name: 'runbook',
  path: '/v1/runbooks',
  listKey: 'runbooks',
  columns: ['uuid', 'name', 'owner', 'public'],
  createExample: `wrought runbook create name=wipe 'steps:=[{"interface": "deploy", "step": "erase_devices", "order": 1}]'`,
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, runbook);
  defineTrait(noun, context, runbook);
}
