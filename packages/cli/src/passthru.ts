// wrought node passthru, wrought driver passthru: lists and calls methods that a vendor interface adds.
import { type Command, Option } from 'commander';
import { collect, ident } from './arguments.ts';
import { type Assignment, assignmentHelp, parseAssignment, toBody } from './assignments.ts';
import type { Context } from './context.ts';
import type { Resource } from './output.ts';

const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Defines `passthru list` and `passthru call` for the owners of a collection: "node" of "/v1/nodes". */
export function definePassthru(noun: Command, context: Context, owner: { name: string; path: string }): void {
  const passthru = noun.command('passthru').description(`list or call the vendor methods of a ${owner.name}`);
  const pathOf = (name: string, method: string) => `${owner.path}/${ident(name)}/vendor_passthru/${ident(method)}`;
  passthru
    .command('list')
    .description(`list the vendor methods of a ${owner.name}`)
    .argument(`<${owner.name}>`)
    .action(async (name: string) => {
      const client = await context.client();
      const methods = Object.entries(await client.get(pathOf(name, 'methods')));
      const rows = methods.map(([method, facts]) => ({ name: method, ...(facts as Resource) }));
      context.showList(rows, ['name', 'http_methods', 'async', 'description']);
    });
  passthru
    .command('call')
    .description(`call a vendor method of a ${owner.name}`)
    .argument(`<${owner.name}>`)
    .argument('<method>')
    .argument('[field=value...]', assignmentHelp, collect(parseAssignment))
    .addOption(new Option('--http-method <method>', 'how to call it').choices(httpMethods).default('POST'))
    .action(
      async (
        name: string,
        method: string,
        assignments: Assignment[] | undefined,
        { httpMethod }: { httpMethod: (typeof httpMethods)[number] },
      ) => {
        const client = await context.client();
        const body = httpMethod === 'GET' ? undefined : toBody(assignments ?? []);
        const answer = await client.sendForText(httpMethod, pathOf(name, method), body);
        if (answer === '') {
          context.note(`${method} of ${name} was called; the server carries it out in the background`);
        } else {
          context.print(answer);
        }
      },
    );
}
