// wrought node vif: the virtual interfaces (network service ports) attached to a node.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineVif(noun: Command, context: Context): void {
  const vif = noun.command('vif').description('list, attach or detach virtual interfaces');
  vif
    .command('list')
    .description('list the virtual interfaces of a node')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      context.showList(await client.list(`/v1/nodes/${ident(node)}/vifs`, 'vifs'), ['id']);
    });
  vif
    .command('attach')
    .description('attach a virtual interface to a node')
    .argument('<node>')
    .argument('<vif>')
    .option('--port <uuid>', 'the port to attach it to')
    .action(async (node: string, id: string, options: { port?: string }) => {
      const client = await context.client();
      const port = options.port === undefined ? {} : { port_uuid: options.port };
      await client.send('POST', `/v1/nodes/${ident(node)}/vifs`, { id, ...port });
      context.note(`${id} attached to ${node}`);
    });
  vif
    .command('detach')
    .description('detach a virtual interface from a node')
    .argument('<node>')
    .argument('<vif>')
    .action(async (node: string, id: string) => {
      const client = await context.client();
      await client.send('DELETE', `/v1/nodes/${ident(node)}/vifs/${ident(id)}`);
      context.note(`${id} detached from ${node}`);
    });
}
