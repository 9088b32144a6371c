// Group commit: transactions that are asked for at about the same time share one commit, and so one wait for disk and lock.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import { collectHints, type Hints, publishHints } from './hints.ts';
import type { Database, StoreTransaction } from './store.ts';
import { StoreUnavailableError } from './unavailable.ts';

/** A group takes no further members after so many, or after so long: nobody waits for an endless group. */
const GROUP_MEMBERS = 256;
const GROUP_MILLISECONDS = 20;
/** A group ends when nobody has joined for so many turns of the event loop; idle turns cost microseconds. */
const GROUP_IDLE_TURNS = 4;

const begin = CompiledQuery.raw('SAVEPOINT member');
const keep = CompiledQuery.raw('RELEASE member');
const undo = CompiledQuery.raw('ROLLBACK TO member');

/** Takes back what a member did. The database may have taken back the whole transaction by itself: then `error` ends the group. */
async function undoMember(trx: StoreTransaction, error: unknown): Promise<void> {
  try {
    await trx.executeQuery(undo);
    await trx.executeQuery(keep);
  } catch (undoError) {
    throw error instanceof StoreUnavailableError ? error : undoError;
  }
}

/** Runs its work and returns how its promise is to be settled once the group is on the disk. */
type Member = (trx: StoreTransaction) => Promise<() => void>;

interface Waiting {
  readonly run: Member;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  transaction<Result>(work: (trx: StoreTransaction) => Promise<Result>): Promise<Result>;
  /** Resolves when no transaction is under way. */
  settled(): Promise<void>;
}

/**
 * Makes the `transaction` of a store with one writing connection. Works run one after the other, each in a savepoint of its
 * own: one that throws leaves nothing behind. All are answered after the commit that they share; when it fails, all fail.
 */
export function createGroupCommit(write: Database, hints: Hints): GroupCommit {
  const waiting: Waiting[] = [];
  let committing: Promise<void> | undefined;

  async function commitGroup(): Promise<void> {
    const members: Waiting[] = [];
    const answers: (() => void)[] = [];
    const end = performance.now() + GROUP_MILLISECONDS;
    let topics: Iterable<string> = [];
    const hasRoom = () => members.length < GROUP_MEMBERS && performance.now() < end;
    try {
      await write.transaction().execute(async (trx) => {
        const noted = collectHints(trx);
        topics = noted;
        do {
          for (let next = waiting.shift(); next !== undefined; next = hasRoom() ? waiting.shift() : undefined) {
            members.push(next);
            answers.push(await next.run(trx));
          }
          // Requests that have arrived by now join; a new connection needs several turns until its request is read.
          for (let turn = 0; turn < GROUP_IDLE_TURNS && waiting.length === 0; turn += 1) await nextTurn();
        } while (waiting.length > 0 && hasRoom());
        await publishHints(trx, noted);
      });
    } catch (error) {
      // A transaction that could not even begin has no members yet; whoever waits for it must not wait for ever.
      const refused = members.length > 0 ? members : waiting.splice(0);
      for (const { reject } of refused) reject(error);
      return;
    }
    for (const answer of answers) answer();
    hints.tell(topics);
  }

  async function commitAll(): Promise<void> {
    while (waiting.length > 0) {
      await commitGroup();
    }
    committing = undefined;
  }

  function transaction<Result>(work: (trx: StoreTransaction) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const run: Member = async (trx) => {
        await trx.executeQuery(begin);
        try {
          const result = await work(trx);
          await trx.executeQuery(keep);
          return () => resolve(result);
        } catch (error) {
          await undoMember(trx, error);
          return () => reject(error);
        }
      };
      waiting.push({ run, reject });
      committing ??= commitAll();
    });
  }

  return { transaction, settled: async () => committing };
}
