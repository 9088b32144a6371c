// Asks for a secret at the terminal without showing what is typed.
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';

const interrupt = 0x03;
const endOfText = 0x04;
const backspaces: ReadonlySet<number> = new Set([0x08, 0x7f]);
const lineEnds: ReadonlySet<number> = new Set([0x0a, 0x0d]);

/**
 * @param elsewhere where else the secret can come from, as an imperative for the operator
 * @throws CommandError where nobody can be asked, or when the answer is Ctrl-C
 */
export async function askSecret(context: Context, question: string, elsewhere: string): Promise<string> {
  const input = context.input();
  if (!input.isTTY || input.setRawMode === undefined) {
    throw new CommandError(`there is no password and no terminal to ask for it: ${elsewhere}`);
  }
  // What is typed from the moment of the question on is not shown.
  input.setRawMode(true);
  context.note(question);
  let typed = Buffer.alloc(0);
  try {
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: Error) => {
        input.off('data', read);
        input.pause();
        if (error === undefined) {
          resolve();
        } else {
          reject(error);
        }
      };
      const read = (chunk: Buffer) => {
        for (const [index, byte] of chunk.entries()) {
          if (byte === interrupt) {
            finish(new CommandError('interrupted'));
            return;
          }
          if (lineEnds.has(byte) || byte === endOfText) {
            finish();
            // What was typed ahead is for whoever reads next.
            input.unshift(chunk.subarray(index + 1));
            return;
          }
          typed = backspaces.has(byte) ? withoutLast(typed) : Buffer.concat([typed, Buffer.of(byte)]);
        }
      };
      input.on('data', read);
    });
  } finally {
    input.setRawMode(false);
  }
  return typed.toString('utf8');
}

function withoutLast(typed: Buffer): Buffer<ArrayBuffer> {
  return Buffer.from([...typed.toString('utf8')].slice(0, -1).join(''), 'utf8');
}
