// wrought network verify: where the cables of machines are, compared with what their ports say.
import type { Command } from 'commander';
import { CommandError } from './command-error.ts';
import type { Context } from './context.ts';
import type { Resource } from './output.ts';

export function define(noun: Command, context: Context): void {
  noun
    .command('verify')
    .description('compare what ports say of switches and physical networks with what inspections saw')
    .argument('[node]', 'this node alone')
    .action(async (node: string | undefined) => {
      const client = await context.client();
      const query = node === undefined ? '' : `?node=${encodeURIComponent(node)}`;
      const report = await client.get(`/wrought/v1/network/verify${query}`);
      const differences = report.differences as readonly Resource[];
      if (context.options().format === 'json') {
        context.showOne(report);
      } else {
        for (const { node_name: name, node_uuid: uuid, kind, message } of differences) {
          context.print(`${String(name ?? uuid)}: ${String(kind)}: ${String(message)}`);
        }
        context.print(
          `${report.confirmed} of ${report.ports} ports of ${report.nodes} nodes were seen where they are meant to be.`,
        );
      }
      if (differences.length > 0) {
        throw new CommandError(
          differences.length === 1 ? 'there is a difference' : `there are ${differences.length} differences`,
        );
      }
    });
}
