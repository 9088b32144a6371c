// get: any resource as the BMC has it.
import type { Command } from 'commander';
import type { Service } from './service.ts';

export function defineGet(commands: Command, { context, inSession }: Service): void {
  commands
    .command('get')
    .description('any resource as JSON')
    .argument('[path]', 'such as /redfish/v1/Systems, or Systems; without one the service root', '')
    .action((path: string) =>
      inSession(async (client) => {
        const { json } = await client.get(path.startsWith('/') ? path : client.rootPath + path);
        context.print(JSON.stringify(json, null, 2));
      }),
    );
}
