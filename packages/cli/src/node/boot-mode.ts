// wrought node boot mode, wrought node secure boot: how the firmware of a machine starts a system.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineBootMode(noun: Command, context: Context): void {
  const mode = noun.command('boot').description('set the boot mode').command('mode').description('set the boot mode');
  mode
    .command('set')
    .description('set the boot mode: uefi or bios')
    .argument('<node>')
    .argument('<mode>')
    .action(async (node: string, target: string) => {
      const client = await context.client();
      await client.send('PUT', `/v1/nodes/${ident(node)}/states/boot_mode`, { target });
      context.note(`${node}: boot mode ${target} requested`);
    });
  const secure = noun.command('secure').description('turn secure boot on or off');
  const boot = secure.command('boot').description('turn secure boot on or off');
  for (const [verb, target] of [
    ['on', true],
    ['off', false],
  ] as const) {
    boot
      .command(verb)
      .description(`turn secure boot ${verb}`)
      .argument('<node>')
      .action(async (node: string) => {
        const client = await context.client();
        await client.send('PUT', `/v1/nodes/${ident(node)}/states/secure_boot`, { target });
        context.note(`${node}: secure boot ${verb} requested`);
      });
  }
}
