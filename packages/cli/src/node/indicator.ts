// wrought node indicator: the lights by which a person finds a machine or a part of it.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

const nameHelp = 'INDICATOR@COMPONENT, as in the list';

export function defineIndicator(noun: Command, context: Context): void {
  const indicator = noun.command('indicator').description('list, show or set the lights of a machine');
  const pathOf = (node: string, name: string) => `/v1/nodes/${ident(node)}/management/indicators/${ident(name)}`;
  indicator
    .command('list')
    .description('list the lights that the machine has')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const indicators = await client.list(`/v1/nodes/${ident(node)}/management/indicators`, 'indicators');
      context.showList(indicators, ['name', 'readonly', 'states']);
    });
  indicator
    .command('show')
    .description('show the state of a light')
    .argument('<node>')
    .argument('<indicator>', nameHelp)
    .action(async (node: string, name: string) => {
      const client = await context.client();
      context.showOne(await client.get(pathOf(node, name)));
    });
  indicator
    .command('set')
    .description('set a light: on, off or blinking')
    .argument('<node>')
    .argument('<indicator>', nameHelp)
    .argument('<state>')
    .action(async (node: string, name: string, state: string) => {
      const client = await context.client();
      await client.send('PUT', pathOf(node, name), { state });
      context.note(`${name} of ${node} set to ${state}`);
    });
}
