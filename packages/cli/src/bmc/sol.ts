// sol: the machine's serial console in this terminal, or through pipes.
import { activateSol, CompletionCodeError, IpmiError, type Session, type SolStream } from '@wrought/ipmi';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { escapeHint, escapeOption, typeUntil } from '../terminal/typing.ts';
import type { Bmc } from './bmc.ts';

interface SolOptions {
  readonly takeOver?: true;
  readonly escape: string | undefined;
}

const alreadyActive = 0x80;

export function defineSol(commands: Command, { context, host, inSession }: Bmc): void {
  commands
    .command('sol')
    .description('the serial console; the escape character at the beginning of a line and a full stop end it')
    .option('--take-over', 'take the console from whoever has it')
    .addOption(escapeOption())
    .action((options: SolOptions) =>
      inSession(async (session) => {
        const sol = await take(session, options);
        context.note(`console of ${host}${escapeHint(options.escape)}`);
        await connect(sol, options, context);
        context.note(`the console of ${host} is given back`);
      }),
    );
}

async function take(session: Session, options: SolOptions): Promise<SolStream> {
  try {
    return await activateSol(session, { takeOver: options.takeOver === true });
  } catch (error) {
    if (!(error instanceof CompletionCodeError) || error.code !== alreadyActive) throw error;
    throw new IpmiError('somebody else has the console; --take-over takes it from them');
  }
}

/** Passes characters on until the console ends: by the escape, by a signal, or by the BMC, which is an error. */
async function connect(sol: SolStream, { escape: character }: SolOptions, context: Context): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    sol.once('error', reject);
    sol.once('close', resolve);
  });
  sol.on('data', (characters: Buffer) => context.printRaw(characters));
  await typeUntil(
    context,
    {
      escape: character,
      type(characters) {
        if (!sol.writable || sol.write(characters)) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        sol.once('drain', resolve).once('close', resolve);
        return promise;
      },
      end: () => sol.end(),
      sendBreak() {
        if (sol.writable) sol.sendBreak().catch((error: Error) => sol.destroy(error));
      },
    },
    closed,
  );
}
