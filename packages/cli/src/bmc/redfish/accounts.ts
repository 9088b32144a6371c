// accounts: who may log in at the BMC.
import { listAccounts, setPassword } from '@wrought/redfish';
import type { Command } from 'commander';
import { askSecret } from '../ask-secret.ts';
import { readSecret } from '../credentials.ts';
import { showFields, showTable } from '../show.ts';
import type { Service } from './service.ts';

export function defineAccounts(commands: Command, { context, inSession }: Service): void {
  const accounts = commands.command('accounts').description('accounts of the BMC');
  accounts
    .command('list')
    .description('accounts, and what they may do')
    .action(() =>
      inSession(async (client) => {
        const rows = (await listAccounts(client)).map(({ id, userName, roleId, isEnabled, isLocked }) => ({
          ...{ id, name: userName, role: roleId, enabled: isEnabled, locked: isLocked },
        }));
        showTable(context, rows, ['id', 'name', 'role', 'enabled', 'locked']);
      }),
    );
  accounts
    .command('password')
    .description('give an account another password, which is that of a file or asked for')
    .argument('<name>', 'user name')
    .option('--new-password-file <file>', 'file with the new password')
    .action((name: string, { newPasswordFile: file }: { newPasswordFile?: string }) =>
      inSession(async (client) => {
        const wanted =
          file === undefined
            ? await askSecret(context, `New password of ${name}:`, 'name --new-password-file')
            : readSecret(file);
        await setPassword(client, name, wanted);
        showFields(context, { name, password: 'changed' });
      }),
    );
}
