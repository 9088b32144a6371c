// Defines the verbs that most resources share: list, show, create, set, unset, delete.
import type { Command } from 'commander';
import { collect, ident, parseFilter } from './arguments.ts';
import { type Assignment, assignmentHelp, parseAssignment, toBody, toPatch, toRemovals } from './assignments.ts';
import type { Context } from './context.ts';

export interface ResourceKind {
  /** "node", as in the help texts. */
  readonly name: string;
  /** "/v1/nodes". */
  readonly path: string;
  /** Key of the list in the answer: "nodes". */
  readonly listKey: string;
  /** Columns of the table; they are also what is asked for, unless `columnsAreFields` is false. */
  readonly columns: readonly string[];
  /** false: the resource knows no `fields` query. */
  readonly columnsAreFields?: false;
  /** An example of the fields that create needs. */
  readonly createExample?: string;
}

const filterHelp = 'only items with this FIELD=VALUE; may be given several times';

export function defineList(noun: Command, context: Context, kind: ResourceKind): void {
  const hasFields = kind.columnsAreFields !== false;
  const command = noun
    .command('list')
    .description(`list every ${kind.name}`)
    .option('--filter <field=value>', filterHelp, collect(parseFilter));
  if (hasFields) {
    command.option('--fields <fields>', 'comma separated fields to show');
  }
  command.action(async (options: { filter?: [string, string][]; fields?: string }) => {
    const columns = options.fields?.split(',') ?? kind.columns;
    const query = new URLSearchParams(options.filter ?? []);
    if (hasFields) {
      query.set('fields', columns.join(','));
    }
    const client = await context.client();
    const suffix = query.size === 0 ? '' : `?${query}`;
    context.showList(await client.list(kind.path + suffix, kind.listKey), columns);
  });
}

export function defineShow(noun: Command, context: Context, kind: ResourceKind): void {
  noun
    .command('show')
    .description(`show one ${kind.name}`)
    .argument(`<${kind.name}>`)
    .action(async (name: string) => {
      const client = await context.client();
      context.showOne(await client.get(`${kind.path}/${ident(name)}`));
    });
}

export function defineCreate(noun: Command, context: Context, kind: ResourceKind): void {
  noun
    .command('create')
    .description(`create a ${kind.name}${kind.createExample === undefined ? '' : `, such as: ${kind.createExample}`}`)
    .argument('<field=value...>', assignmentHelp, collect(parseAssignment))
    .action(async (assignments: Assignment[]) => {
      const client = await context.client();
      context.showOne(await client.send('POST', kind.path, toBody(assignments)));
    });
}

function defineSet(noun: Command, context: Context, kind: ResourceKind): void {
  noun
    .command('set')
    .description(`set fields of a ${kind.name}`)
    .argument(`<${kind.name}>`)
    .argument('<field=value...>', assignmentHelp, collect(parseAssignment))
    .action(async (name: string, assignments: Assignment[]) => {
      const client = await context.client();
      context.showOne(await client.send('PATCH', `${kind.path}/${ident(name)}`, toPatch(assignments)));
    });
}

function defineUnset(noun: Command, context: Context, kind: ResourceKind): void {
  noun
    .command('unset')
    .description(`remove fields of a ${kind.name}, or keys inside them`)
    .argument(`<${kind.name}>`)
    .argument('<field...>', 'such as description or instance_info.image_source')
    .action(async (name: string, fields: string[]) => {
      const client = await context.client();
      context.showOne(await client.send('PATCH', `${kind.path}/${ident(name)}`, toRemovals(fields)));
    });
}

export function defineDelete(noun: Command, context: Context, kind: ResourceKind): void {
  noun
    .command('delete')
    .description(`delete one or more, each by name or UUID`)
    .argument(`<${kind.name}...>`)
    .action(async (names: string[]) => {
      const client = await context.client();
      for (const name of names) {
        await client.send('DELETE', `${kind.path}/${ident(name)}`);
        context.note(`${kind.name} ${name} deleted`);
      }
    });
}

/** All six verbs. */
export function defineResource(noun: Command, context: Context, kind: ResourceKind): void {
  for (const define of [defineList, defineShow, defineCreate, defineSet, defineUnset, defineDelete]) {
    define(noun, context, kind);
  }
}
