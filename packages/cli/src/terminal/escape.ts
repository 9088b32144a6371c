// Finds the commands for the console's client in what is typed: the escape character at the beginning of a line, as in ssh.

type Command = 'end' | 'break' | 'help';

export type Typed =
  | { readonly kind: 'characters'; readonly bytes: Buffer }
  | { readonly kind: 'end' }
  | { readonly kind: 'break' }
  | { readonly kind: 'help' };

const lineEnds: ReadonlySet<number> = new Set([0x0a, 0x0d]);
const commands: Readonly<Record<string, Command>> = { '.': 'end', B: 'break', '?': 'help' };

export class EscapeReader {
  readonly #escape: number | undefined;
  #isLineStart = true;
  #isEscaped = false;

  /** @param character the escape character; undefined: everything is for the machine */
  constructor(character: string | undefined) {
    this.#escape = character?.charCodeAt(0);
  }

  /** What was typed, in its order. The escape character twice stands for itself. */
  read(chunk: Uint8Array): Typed[] {
    const typed: Typed[] = [];
    let characters: number[] = [];
    const flush = () => {
      if (characters.length > 0) typed.push({ kind: 'characters', bytes: Buffer.from(characters) });
      characters = [];
    };
    for (const byte of chunk) {
      const kind = this.#isEscaped ? commands[String.fromCharCode(byte)] : undefined;
      if (kind !== undefined) {
        flush();
        typed.push({ kind });
        this.#isEscaped = false;
        continue;
      }
      if (!this.#isEscaped && this.#isLineStart && byte === this.#escape) {
        this.#isEscaped = true;
        continue;
      }
      if (this.#isEscaped && this.#escape !== undefined && byte !== this.#escape) characters.push(this.#escape);
      this.#isEscaped = false;
      characters.push(byte);
      this.#isLineStart = lineEnds.has(byte);
    }
    flush();
    return typed;
  }
}
