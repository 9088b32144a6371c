// wrought node inject nmi: makes the operating system of a machine that hangs write its crash dump.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineInject(noun: Command, context: Context): void {
  noun
    .command('inject')
    .description('interrupt a machine')
    .command('nmi')
    .description('send a non-maskable interrupt to the machine')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      await client.send('PUT', `/v1/nodes/${ident(node)}/management/inject_nmi`, {});
      context.note(`${node}: non-maskable interrupt sent`);
    });
}
