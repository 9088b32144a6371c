// wrought node power and reboot: switches machines on and off.
import type { Command } from 'commander';
import { ident, parseSeconds } from '../arguments.ts';
import type { Context } from '../context.ts';

interface PowerOptions {
  readonly soft?: true;
  readonly timeout?: number;
}

export function definePower(noun: Command, context: Context): void {
  const power = noun.command('power').description('switch a machine on or off');
  defineAction(power, context, 'on', 'switch a machine on', { hard: 'power on' });
  defineAction(power, context, 'off', 'switch a machine off', { hard: 'power off', soft: 'soft power off' });
  defineAction(noun, context, 'reboot', 'reboot a machine', { hard: 'rebooting', soft: 'soft rebooting' });
}

function defineAction(
  parent: Command,
  context: Context,
  verb: string,
  description: string,
  targets: { readonly hard: string; readonly soft?: string },
): void {
  const command = parent
    .command(verb)
    .description(description)
    .argument('<node>')
    .option('--timeout <seconds>', 'longest wait for the machine to do it', parseSeconds);
  if (targets.soft !== undefined) {
    command.option('--soft', 'ask the operating system instead of cutting the power');
  }
  command.action(async (node: string, options: PowerOptions) => {
    const client = await context.client();
    const target = (options.soft && targets.soft) || targets.hard;
    const timeout = options.timeout === undefined ? {} : { timeout: options.timeout };
    await client.send('PUT', `/v1/nodes/${ident(node)}/states/power`, { target, ...timeout });
    context.note(`${node}: ${target} requested`);
  });
}
