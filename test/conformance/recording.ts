// The recorded exchanges as data: their form, and how they are read from `data`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the allowed departures from the recording are. */
export const departuresDirectory = fileURLToPath(new URL('departures/', import.meta.url));

const dataDirectory = fileURLToPath(new URL('data/', import.meta.url));

/** What was sent. */
export interface Request {
  /** "METHOD path", the path as it stood on the wire. */
  readonly send: string;
  /** X-OpenStack-Ironic-API-Version: 1.82 when left out; null sends none. */
  readonly version?: string | null;
  /** Further headers; null keeps one from being sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, a byte a character. */
  readonly raw?: string;
}

/** What came back. Of `fault`, `answer` and the partial forms one is there; none: no body. */
export interface Expectation {
  readonly status: number;
  /** An error: the faultcode of a fault object, "framework" for {code, title, description}, "text" for one without structure. */
  readonly fault?: 'Client' | 'Server' | 'framework' | 'text';
  /** The whole body. */
  readonly answer?: unknown;
  /** These members of the body, and of the objects in its lists, have these values; others are not looked at. */
  readonly part?: unknown;
  /** The names of all members of the body. */
  readonly answer_keys?: readonly string[];
  /** The names of all members of each item of the list in the body. */
  readonly item_keys?: readonly string[];
  /** How many items the list in the body has. */
  readonly items?: number;
  /** The list in the body has no link to a next page. */
  readonly is_last_page?: true;
  readonly location?: string;
  /** What departs from the norm (see `expectedHeaders`); null: not there. */
  readonly answer_headers?: Readonly<Record<string, string | null>>;
}

export type Exchange = Request & Expectation & { readonly note?: string };

/** A request that prepares what follows; its answer was not kept. `bind` takes a placeholder's value from the answer. */
export interface Preparation {
  readonly prepare: string;
  readonly body?: unknown;
  readonly bind?: Readonly<Record<string, string>>;
}

/** Columns of a node or port set directly in the store, or a BIOS setting that the node with this UUID gains. */
export interface StoreWrite {
  readonly store: 'nodes' | 'ports' | 'bios_settings';
  readonly uuid: string;
  readonly set: Columns;
}

export type Columns = Readonly<Record<string, unknown>>;

/** GET the path until its body has these members. */
export interface Wait {
  readonly wait: string;
  readonly until: Columns;
}

/** Each case was sent to the node in the given state; of the answer only status and Location were kept. */
export interface Matrix {
  readonly given: Columns & { readonly node: string };
  readonly cases: readonly (Request & Expectation)[];
}

/** A preparation that cannot be made yet, in words. */
export interface Missing {
  readonly missing: string;
}

export type Line = Exchange | Preparation | StoreWrite | Wait | Matrix | Missing;

export interface Group {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Groups that follow one another on one server that starts with an empty store. */
export interface Sequence {
  readonly name: string;
  readonly groups: readonly Group[];
}

/** Every sequence, in order. The lines are still text: see `readLine`. */
export function readRecording(): Sequence[] {
  return readdirSync(dataDirectory)
    .sort()
    .map((name) => ({ name, groups: readGroups(join(dataDirectory, name)) }));
}

function readGroups(directory: string): Group[] {
  return readdirSync(directory)
    .sort()
    .map((file) => ({
      name: file.replace(/^\d+-|\.jsonl$/g, ''),
      lines: readFileSync(join(directory, file), 'utf8').trimEnd().split('\n'),
    }));
}
