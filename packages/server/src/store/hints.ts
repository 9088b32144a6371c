// Hints about what was written: told when it is committed, in this process and by PostgreSQL in the others, and never relied upon.
import { sql } from 'kysely';
import type { Database } from './connections.ts';
import { databaseKind } from './dialect/kind.ts';

/** What was written: events, changes of power for the compute service, a node that was given back, or perhaps any of them. */
export type Topic = 'events' | 'power updates' | 'nodes' | `node ${number}`;

/** The channel on which PostgreSQL carries topics. */
export const HINT_CHANNEL = 'wrought_hints';

export interface Hints {
  tell(topics: Iterable<string>): void;
  /** Calls `listener` with each topic from now on. */
  onHint(listener: (topic: string) => void): void;
}

/** Makes the hints of one store. */
export function createHints(): Hints {
  const listeners = new Set<(topic: string) => void>();
  return {
    tell(topics) {
      for (const topic of topics) {
        for (const listener of listeners) {
          listener(topic);
        }
      }
    },
    onHint(listener) {
      listeners.add(listener);
    },
  };
}

/** Topics of transactions under way. */
const noted = new WeakMap<object, Set<Topic>>();

/** Takes notes of a transaction from now on. */
export function collectHints(trx: Database): ReadonlySet<Topic> {
  const topics = new Set<Topic>();
  noted.set(trx, topics);
  return topics;
}

/** Notes in a transaction what its commit is to tell. */
export function noteHint(trx: Database, topic: Topic): void {
  noted.get(trx)?.add(topic);
}

/** Lets the commit tell other processes, where the database can. */
export async function publishHints(trx: Database, topics: ReadonlySet<Topic>): Promise<void> {
  if (topics.size > 0 && databaseKind(trx) === 'postgres') {
    const list = [...topics].join(',');
    await sql`select pg_notify(${HINT_CHANNEL}, topic) from unnest(string_to_array(${list}, ',')) as topic`.execute(
      trx,
    );
  }
}
