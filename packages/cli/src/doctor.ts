// wrought doctor: says of everything that the server needs whether it is well, and what to do about what is not.
import { examine, type Finding } from '@wrought/server/doctor';
import type { Command } from 'commander';
import { CommandError } from './command-error.ts';
import { type ConfigOptions, loadOptions, withSources } from './config.ts';
import type { Context } from './context.ts';

export function define(noun: Command, context: Context): void {
  withSources(noun).action(async (options: ConfigOptions) => {
    const findings = await examine(loadOptions(options, context));
    context.print(
      context.options().format === 'json' ? JSON.stringify(findings, null, 2) : findings.map(describe).join('\n'),
    );
    const problems = findings.filter(({ health }) => health === 'problem').length;
    if (problems > 0) {
      throw new CommandError(problems === 1 ? 'there is a problem' : `there are ${problems} problems`);
    }
  });
}

const HEALTH_WIDTH = 'problem  '.length;

/** One line, and one more with what to do. */
function describe({ health, subject, message, remedy }: Finding): string {
  const line = `${health.padEnd(HEALTH_WIDTH)}${subject}: ${message}`;
  return remedy === null ? line : `${line}\n${' '.repeat(HEALTH_WIDTH)}-> ${remedy}`;
}
