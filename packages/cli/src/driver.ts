// wrought driver: the hardware types, their interfaces and vendor methods, and the properties nodes need for them.
import type { Command } from 'commander';
import { ident } from './arguments.ts';
import type { Context } from './context.ts';
import { definePassthru } from './passthru.ts';
import { defineList, defineShow, type ResourceKind } from './resource-commands.ts';

const driver: ResourceKind = {
  name: 'driver',
  path: '/v1/drivers',
  listKey: 'drivers',
  columns: ['name', 'type', 'hosts'],
};

export function define(noun: Command, context: Context): void {
  defineList(noun, context, driver);
  defineShow(noun, context, driver);
  definePassthru(noun, context, driver);
  noun
    .command('properties')
    .description('list the driver_info keys of a driver')
    .argument('<driver>')
    .action(async (name: string) => {
      const client = await context.client();
      const properties = await client.get(`${driver.path}/${ident(name)}/properties`);
      const rows = Object.entries(properties).map(([property, description]) => ({ property, description }));
      context.showList(rows, ['property', 'description']);
    });
}
