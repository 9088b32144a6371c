// managers: the BMC itself.
import { listManagers, type Manager, readManager, resetManager } from '@wrought/redfish';
import { type Command, Option } from 'commander';
import { CommandError } from '../../command-error.ts';
import { showFields, showTable } from '../show.ts';
import { oneOf, type Service } from './service.ts';

const resets = { graceful: 'GracefulRestart', force: 'ForceRestart' } as const;

const rowOf = (id: string, { name, managerType, model, firmwareVersion, dateTime, status, path }: Manager) => ({
  ...{ id, name, type: managerType, model, firmware: firmwareVersion, time: dateTime },
  ...{ state: status.state, health: status.health, path },
});

export function defineManagers(commands: Command, { context, inSession }: Service): void {
  const managers = commands.command('managers').description('the BMC itself');
  managers
    .command('list')
    .description('managers, their firmware and clock')
    .action(() =>
      inSession(async (client) => {
        const rows = (await listManagers(client)).map((each) => rowOf(each.id, readManager(each)));
        showTable(context, rows, ['id', 'type', 'model', 'firmware', 'time', 'health']);
      }),
    );
  managers
    .command('reset')
    .description('restart a manager; it is away for minutes afterwards, the machine runs on')
    .argument('[id]', 'which one, where there are several')
    .addOption(new Option('--type <type>', 'how (default: graceful where it can)').choices(Object.keys(resets)))
    .action((wanted: string | undefined, { type }: { type?: keyof typeof resets }) =>
      inSession(async (client) => {
        const found = await listManagers(client);
        const [first, ...others] = found;
        if (wanted === undefined && others.length > 0) {
          throw new CommandError(`name the manager that is meant: ${found.map(({ id }) => id).join(', ')}`);
        }
        const manager = wanted === undefined && first !== undefined ? first : oneOf('manager', found, wanted ?? '');
        await resetManager(client, manager, type && resets[type]);
        showFields(context, { accepted: 'reset', manager: manager.id });
      }),
    );
}
