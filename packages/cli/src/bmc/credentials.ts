// User and password of a BMC: from where no list of processes shows them.
import { readBytes } from '../arguments.ts';
import type { Context } from '../context.ts';
import { askSecret } from './ask-secret.ts';

const defaultUser = 'admin';

/** The user to log in as. */
export const userOf = (context: Context): string => context.options().user ?? defaultUser;

/** The password or key of a file, without the end of its line. @throws CommandError */
export function readSecret(file: string): string {
  return readBytes(file)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/**
 * The password of a file, else of a variable of the environment, else of the one who sits at the terminal.
 *
 * @param whose goes into the question, such as "admin at 192.0.2.10"
 * @throws CommandError when it cannot be had
 */
export async function passwordOf(
  context: Context,
  whose: string,
  file: string | undefined,
  variable: string,
): Promise<string> {
  if (file !== undefined) {
    return readSecret(file);
  }
  const elsewhere = `name --password-file or set ${variable}`;
  return context.environment[variable] ?? (await askSecret(context, `Password of ${whose}:`, elsewhere));
}
