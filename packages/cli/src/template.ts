// wrought template: deploy templates, steps that a trait adds to a deployment.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineCreate, defineDelete, defineList, defineShow, type ResourceKind } from './resource-commands.ts';

const template: ResourceKind = {
  name: 'template',
  path: '/v1/deploy_templates',
  listKey: 'deploy_templates',
  columns: ['uuid', 'name'],
  createExample: `wrought template create name=CUSTOM_RAID 'steps:=[{"interface": "raid", ...}]'`,
};

export function define(noun: Command, context: Context): void {
  defineList(noun, context, template);
  defineShow(noun, context, template);
  defineCreate(noun, context, template);
  defineDelete(noun, context, template);
}
