// wrought node switch-ports: how the switch ports of a node are to be, and how the switches have them.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineSwitchPorts(noun: Command, context: Context): void {
  noun
    .command('switch-ports')
    .description('show the switch ports of the node: what is intended, and what the switches have')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const ports = await client.list(`/wrought/v1/nodes/${ident(node)}/switch-ports`, 'switch_ports');
      context.showList(ports, [
        'address',
        'switch',
        'switch_port',
        'network',
        'intended',
        'seen',
        'matches',
        'problem',
      ]);
    });
}
