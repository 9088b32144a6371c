// sol: the machine's serial console in this terminal, or through pipes.
import { activateSol, CompletionCodeError, IpmiError, type Session, type SolStream } from '@wrought/ipmi';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.ts';
import type { Bmc } from './bmc.ts';
import { EscapeReader, type Typed } from './escape.ts';

interface SolOptions {
  readonly takeOver?: true;
  readonly escape: string | undefined;
}

const alreadyActive = 0x80;

function parseEscape(text: string): string | undefined {
  if (text === 'none') return undefined;
  if (!/^[\x21-\x7e]$/.test(text)) {
    throw new InvalidArgumentError('it is neither one character nor "none"');
  }
  return text;
}

export function defineSol(commands: Command, { context, host, inSession }: Bmc): void {
  commands
    .command('sol')
    .description('the serial console; the escape character at the beginning of a line and a full stop end it')
    .option('--take-over', 'take the console from whoever has it')
    .option('--escape <character>', 'the escape character, or "none"', parseEscape, '~')
    .action((options: SolOptions) =>
      inSession(async (session) => {
        const sol = await take(session, options);
        const { escape: character } = options;
        const end = character === undefined ? '' : `; ${character}. ends it, ${character}? tells what else there is`;
        context.note(`console of ${host}${end}`);
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

/**
 * Passes characters on until the console ends: by the escape, by a signal, or by the BMC, which is an error. The end of
 * the input does not end it, so that what the machine says can be recorded without any.
 */
async function connect(sol: SolStream, { escape: character }: SolOptions, context: Context): Promise<void> {
  const input = context.input();
  const reader = new EscapeReader(character);
  const obey = (typed: Typed) => {
    if (typed.kind === 'end') {
      sol.end();
    } else if (typed.kind === 'break') {
      sol.sendBreak().catch((error: Error) => sol.destroy(error));
    } else if (typed.kind === 'help') {
      context.note(`\n${character}.  end\n${character}B  send a break\n${character}${character}  send ${character}`);
    } else if (!sol.write(typed.bytes)) {
      input.pause();
      sol.once('drain', () => input.resume());
    }
  };
  const type = (chunk: Buffer) => {
    for (const typed of reader.read(chunk)) {
      if (sol.writable) obey(typed);
    }
  };
  const end = () => sol.end();
  const closed = new Promise<void>((resolve, reject) => {
    sol.once('error', reject);
    sol.once('close', resolve);
  });
  input.setRawMode?.(true);
  // Resumed by name: asking for the password has paused it.
  input.on('data', type).resume();
  process.on('SIGINT', end).on('SIGTERM', end);
  sol.on('data', (characters: Buffer) => context.printRaw(characters));
  try {
    await closed;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    input.off('data', type);
    input.pause();
    input.setRawMode?.(false);
  }
}
