// wrought policy: lists the rules in force, checks an operator's file, explains what a rule answers and why.
import {
  anonymousCaller,
  type Caller,
  openPolicy,
  PolicyFileError,
  scopeOf,
  type Target,
} from '@wrought/server/policy';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from './command-error.ts';
import { type ConfigOptions, loadOrExplain, withSources } from './config.ts';
import type { Context } from './context.ts';

interface ExplainOptions extends ConfigOptions {
  readonly as: Caller;
  readonly on?: Target;
}

/** Roles that Keystone puts into a token along with a role, unless its operator changed that. */
const impliedRoles: Readonly<Record<string, readonly string[]>> = {
  admin: ['manager', 'member', 'reader'],
  manager: ['member', 'reader'],
  member: ['reader'],
};

export function define(noun: Command, context: Context): void {
  withSources(noun.command('list').description('print the rules in force'))
    .option('--changed', 'only those that the operator changed')
    .action(async (options: ConfigOptions & { changed?: true }) => {
      const rules = (await open(options, context)).list().filter((rule) => rule.isChanged || options.changed !== true);
      context.showList(
        rules.map(({ name, check, purpose, isChanged }) => ({ name, changed: isChanged ? 'yes' : '', check, purpose })),
        ['name', 'changed', 'check'],
      );
    });
  withSources(noun.command('check').description("check the operator's policy file (api.policy_file)")).action(
    async (options: ConfigOptions) => {
      const policy = await open(options, context);
      for (const doubt of policy.doubts()) {
        context.note(`warning: ${doubt}`);
      }
      const changed = policy.list().filter(({ isChanged }) => isChanged).length;
      context.print(`the policy is valid; ${changed} of its rules are the operator's`);
    },
  );
  withSources(noun.command('explain').description('tell whether a rule allows a caller something, part by part'))
    .argument('<rule>', 'name of the rule, such as baremetal:node:get')
    .requiredOption(
      '--as <roles@scope>',
      'the caller: "admin@system", "member@project:ID", "reader,service@project:ID/NAME", "admin@domain:ID"; roles imply others as in Keystone',
      readCaller,
    )
    .option(
      '--on <attributes>',
      'what is acted on: "node.owner=ID,node.lessee=ID", "allocation.owner=ID" or "runbook.owner=ID"',
      readTarget,
    )
    .action(async (rule: string, options: ExplainOptions) => explain(rule, options, context));
}

async function open(options: ConfigOptions, context: Context) {
  const config = loadOrExplain(options, context);
  try {
    return await openPolicy(() => config);
  } catch (error) {
    throw error instanceof PolicyFileError ? new CommandError(error.message) : error;
  }
}

async function explain(name: string, { as: caller, on: target = {}, ...options }: ExplainOptions, context: Context) {
  const policy = await open(options, context);
  if (!policy.has(name)) {
    throw new CommandError(`there is no rule "${name}"; "wrought policy list" prints those that there are`);
  }
  const { allowed, wrongScope } = policy.decide(name, caller, target);
  const parts = policy.explain(name, caller, target);
  if (context.options().format === 'json') {
    context.print(JSON.stringify({ rule: name, allowed, wrong_scope: wrongScope, caller, target, parts }, null, 2));
    return;
  }
  context.print(`${allowed ? 'allowed' : 'denied'}: ${name}`);
  context.print(`caller: roles ${caller.roles.join(', ')}; scope ${scopeOf(caller)}`);
  if (wrongScope) {
    context.print(`the rule is not meant for tokens of the scope "${scopeOf(caller)}", whatever its parts say:`);
  }
  for (const part of parts) {
    context.print(`${part.holds ? 'yes' : 'no '} ${'  '.repeat(part.depth)}${part.text}`);
  }
}

function readCaller(text: string): Caller {
  const match = /^([\w-]+(?:,[\w-]+)*)@(system|project|domain)(?::([^/]+)(?:\/(.+))?)?$/.exec(text);
  const [, names = '', scope, id = null, name = null] = match ?? [];
  if (match === null || (scope === 'system') !== (id === null)) {
    throw new InvalidArgumentError(
      'Allowed: ROLES@system, ROLES@project:ID[/NAME], ROLES@domain:ID; roles with commas.',
    );
  }
  const roles = new Set(names.split(',').flatMap((role) => [role, ...(impliedRoles[role] ?? [])]));
  return {
    ...anonymousCaller,
    is_public_api: false,
    roles: [...roles],
    system_scope: scope === 'system' ? 'all' : null,
    domain_id: scope === 'domain' ? id : null,
    project_id: scope === 'project' ? id : null,
    project_name: scope === 'project' ? name : null,
  };
}

const attributes = ['node.owner', 'node.lessee', 'allocation.owner', 'runbook.owner'];

function readTarget(text: string): Target {
  const pairs = text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  const wrong = pairs.find(([name = '']) => !attributes.includes(name));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`Allowed: ${attributes.map((name) => `${name}=ID`).join(', ')}, with commas.`);
  }
  return Object.fromEntries(pairs) as Target;
}
