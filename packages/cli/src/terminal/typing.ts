// Hands what is typed at a terminal, or comes through a pipe, to a console, until that ends; the terminal is as before then.
import { InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { EscapeReader, type Typed } from './escape.ts';

/** What takes the typing. */
export interface Typist {
  /** The escape character; undefined: everything is for the machine. */
  readonly escape: string | undefined;
  /** Takes characters for the machine; no more come until the promise is settled. */
  readonly type: (characters: Buffer) => Promise<void> | undefined;
  /** Ends it: by the escape, or by a signal. */
  readonly end: () => void;
  /** Absent where the way to the machine has no breaks. */
  readonly sendBreak?: () => void;
}

function parseEscape(text: string): string | undefined {
  if (text === 'none') return undefined;
  if (!/^[\x21-\x7e]$/.test(text)) {
    throw new InvalidArgumentError('it is neither one character nor "none"');
  }
  return text;
}

/** The option of commands that are a console. */
export function escapeOption(): Option {
  return new Option('--escape <character>', 'the escape character, or "none"').argParser(parseEscape).default('~');
}

/** "; ~. ends it, ~? tells what else there is", behind what the console says first. */
export function escapeHint(character: string | undefined): string {
  return character === undefined ? '' : `; ${character}. ends it, ${character}? tells what else there is`;
}

function helpOf(character: string, withBreak: boolean): string {
  const sendBreak = withBreak ? `\n${character}B  send a break` : '';
  return `\n${character}.  end${sendBreak}\n${character}${character}  send ${character}`;
}

/**
 * Lets it be typed until `closed` settles. The end of the input does not end it, so that what the machine says can be recorded
 * without any.
 * @throws what `closed` is rejected with
 */
export async function typeUntil(context: Context, typist: Typist, closed: Promise<void>): Promise<void> {
  const { escape: character, type, end, sendBreak } = typist;
  const input = context.input();
  const reader = new EscapeReader(character);
  let isOver = false;

  const obey = (typed: Typed): Promise<void> | undefined => {
    switch (typed.kind) {
      case 'end':
        isOver = true;
        end();
        return undefined;
      case 'break':
        sendBreak?.();
        return undefined;
      case 'help':
        context.note(helpOf(character ?? '', sendBreak !== undefined));
        return undefined;
      case 'characters':
        return type(typed.bytes);
    }
  };
  const read = (chunk: Buffer) => {
    const waits: Promise<void>[] = [];
    for (const typed of reader.read(chunk)) {
      const wait = isOver ? undefined : obey(typed);
      if (wait !== undefined) waits.push(wait);
    }
    if (waits.length > 0) {
      input.pause();
      void Promise.allSettled(waits).then(() => isOver || input.resume());
    }
  };

  input.setRawMode?.(true);
  // Resumed by name: asking for a password has paused it.
  input.on('data', read).resume();
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end);
  try {
    await closed;
  } finally {
    isOver = true;
    process.off('SIGINT', end).off('SIGTERM', end).off('SIGHUP', end);
    input.off('data', read);
    input.pause();
    input.setRawMode?.(false);
  }
}
