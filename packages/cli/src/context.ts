// What every command gets: the global options, where to print, and a client when it needs the server.
import type { Readable } from 'node:stream';
import type { Client } from './client.ts';
import { formatDetails, formatTable, type Resource } from './output.ts';

export interface GlobalOptions {
  readonly dataDir?: string;
  readonly url?: string;
  readonly user?: string;
  readonly caFile?: string;
  readonly format: 'table' | 'json';
}

/** Standard input: a terminal, which can be told not to edit lines nor to show what is typed, or anything else. */
export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };

/** The part of the process that commands read from and write to; tests give their own. */
export interface Streams {
  readonly stdin?: Input;
  readonly stdout: { write(text: string | Uint8Array): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown };
}

export interface Context {
  readonly environment: NodeJS.ProcessEnv;
  readonly isTerminal: boolean;
  options(): GlobalOptions;
  /** The client of the server that the options name; made on first use. */
  client(): Promise<Client>;
  /** Writes a line to standard output. */
  print(text: string): void;
  /** Standard input; opened when it is first asked for. */
  input(): Input;
  /** Writes to standard output without ending the line. */
  printRaw(text: string | Uint8Array): void;
  /** Writes a note that is not part of the answer, to standard error. */
  note(text: string): void;
  /** Shows items as a table of these columns, or whole as JSON. */
  showList(items: readonly Resource[], columns: readonly string[]): void;
  /** Shows one item field by field. */
  showOne(item: Resource): void;
}

export function createContext(options: () => GlobalOptions, streams: Streams, environment: NodeJS.ProcessEnv): Context {
  let client: Promise<Client> | undefined;
  const print = (text: string) => {
    streams.stdout.write(`${text}\n`);
  };
  const isJson = () => options().format === 'json';
  return {
    environment,
    isTerminal: streams.stdout.isTTY === true,
    options,
    client() {
      client ??= import('./client.ts').then(({ createClient }) => createClient(options(), environment));
      return client;
    },
    input: () => streams.stdin ?? process.stdin,
    print,
    printRaw(text) {
      streams.stdout.write(text);
    },
    note(text) {
      streams.stderr.write(`${text}\n`);
    },
    showList(items, columns) {
      print(isJson() ? JSON.stringify(items, null, 2) : formatTable(items, columns));
    },
    showOne(item) {
      print(isJson() ? JSON.stringify(item, null, 2) : formatDetails(item));
    },
  };
}
