// wrought node console: shows, opens and closes the console of a machine, and is its terminal.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';
import { escapeOption } from '../terminal/typing.ts';
import { type AttachOptions, attach } from './attach.ts';

export function defineConsole(noun: Command, context: Context): void {
  const console = noun.command('console').description('show, open or close the console of a node');
  console
    .command('show')
    .description('show where the console can be reached')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      context.showOne(await client.get(`/v1/nodes/${ident(node)}/states/console`));
    });
  for (const [verb, enabled] of [
    ['open', true],
    ['close', false],
  ] as const) {
    console
      .command(verb)
      .description(`${verb} the console`)
      .argument('<node>')
      .action(async (node: string) => {
        const client = await context.client();
        await client.send('PUT', `/v1/nodes/${ident(node)}/states/console`, { enabled });
        context.note(`${node}: console to ${verb} requested`);
      });
  }
  console
    .command('attach')
    .description(
      'the serial console in this terminal; the escape character at the beginning of a line and a full stop end it',
    )
    .argument('<node>')
    .option('--read-only', 'only look: what is typed does not go to the machine')
    .addOption(escapeOption())
    .action((node: string, options: AttachOptions) => attach(context, node, options));
}
