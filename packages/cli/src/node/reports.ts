// wrought node validate, history, timeline, why: what the server knows about a node's condition and past.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';
import type { Resource } from '../output.ts';

export function defineReports(noun: Command, context: Context): void {
  noun
    .command('validate')
    .description('check whether each interface of the node has what it needs')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const answer = await client.get(`/v1/nodes/${ident(node)}/validate`);
      const rows = Object.entries(answer).map(([name, verdict]) => ({ interface: name, ...(verdict as Resource) }));
      context.showList(rows, ['interface', 'result', 'reason']);
    });
  noun
    .command('history')
    .description('list the errors of the node')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const entries = await client.list(`/v1/nodes/${ident(node)}/history?detail=true`, 'history');
      context.showList(entries, ['created_at', 'severity', 'event_type', 'event']);
    });
  noun
    .command('timeline')
    .description('list what happened to the node: states, steps, BMC calls, boot requests, heartbeats')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      const events = await client.list(`/wrought/v1/nodes/${ident(node)}/timeline`, 'events');
      context.showList(events, ['at', 'kind', 'severity', 'message']);
    });
  noun
    .command('why')
    .description('say what the node waits for, since when, until when, and the last evidence')
    .argument('<node>')
    .action(async (node: string) => {
      const client = await context.client();
      context.showOne(await client.get(`/wrought/v1/nodes/${ident(node)}/why`));
    });
}
