// What must hold whatever is killed: looked at in the database itself, beside the processes, again and again, and at the end.
import { Client } from 'pg';
import { auditedViolations, committedEvents } from './audit.ts';
import type { EventWitness } from './event-witness.ts';

/** How long work may be nobody's: a lease runs out, the next conductor looks, and the database may be away meanwhile. */
const LONGEST_UNOWNED_SECONDS = 90;

export interface Invariants {
  /** Looks that were made. */
  looks(): number;
  /** The longest time in seconds that a piece of work was nobody's. */
  longestUnowned(): number;
  /** What was broken, in words. */
  readonly violations: readonly string[];
  look(): Promise<void>;
  /** Looks once more, at what must hold when everything rests. */
  atRest(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the watch over the database at `url`, which must not go through what is cut. */
export function watchInvariants(url: string): Invariants {
  const violations: string[] = [];
  /** Since when each piece of work has been nobody's. */
  const unowned = new Map<string, number>();
  let longestUnowned = 0;
  let looks = 0;
  let client: Client | undefined;

  async function query<Row extends object>(sql: string): Promise<Row[]> {
    if (client === undefined) {
      client = new Client({ connectionString: url });
      client.on('error', () => {
        client = undefined;
      });
      await client.connect();
    }
    return (await client.query<Row>(sql)).rows;
  }

  async function check(): Promise<void> {
    const found = await query<{ uuid: string }>(
      `select uuid from runs where finished_at is null and status <> 'queued' and not exists (
         select from conductors where hostname = runs.conductor and epoch = runs.epoch and online = 1
           and lease_expires_ms >= extract(epoch from clock_timestamp()) * 1000)`,
    );
    const now = performance.now();
    const present = new Set(found.map(({ uuid }) => uuid));
    for (const uuid of [...unowned.keys()].filter((each) => !present.has(each))) {
      unowned.delete(uuid);
    }
    for (const uuid of present) {
      const seconds = (now - (unowned.get(uuid) ?? now)) / 1000;
      unowned.set(uuid, unowned.get(uuid) ?? now);
      longestUnowned = Math.max(longestUnowned, seconds);
      if (seconds > LONGEST_UNOWNED_SECONDS) {
        violations.push(`nobody took run ${uuid} over within ${LONGEST_UNOWNED_SECONDS} s`);
      }
    }
    const strangers = await query<{ uuid: string }>(
      'select uuid from nodes where reservation is not null and reservation not in (select hostname from conductors)',
    );
    for (const { uuid } of strangers) {
      violations.push(`node ${uuid} is reserved by somebody who never was`);
    }
  }

  return {
    looks: () => looks,
    longestUnowned: () => longestUnowned,
    violations,
    async look() {
      try {
        await check();
        looks += 1;
      } catch (error) {
        // The database is away now and then; that is what is tested.
        client = undefined;
        if (!(error instanceof Error)) {
          throw error;
        }
      }
    },
    async atRest() {
      await check();
      looks += 1;
      violations.push(...(await auditedViolations(url)));
      const [open] = await query<{ count: string }>('select count(*) from runs where finished_at is null');
      if (Number(open?.count) > 0) {
        violations.push(`${open?.count} runs are unfinished although every node rests`);
      }
      const odd = await query<{ uuid: string }>(
        `select uuid, provision_state, reservation, last_error, maintenance from nodes
         where reservation is not null or last_error is not null or maintenance = 1
           or provision_state not in ('enroll', 'manageable', 'available', 'active')`,
      );
      for (const node of odd) {
        violations.push(`node ${node.uuid} did not reach its goal: ${JSON.stringify(node)}`);
      }
    },
    close: async () => client?.end(),
  };
}

/**
 * Whether every event that was committed was told, nothing else was, and each node's events in their order;
 * `changes` counts the changes of state that follow upon the one before.
 */
export async function checkEvents(
  url: string,
  { told }: EventWitness,
  after: number,
): Promise<{ violations: string[]; changes: number }> {
  const violations: string[] = [];
  let changes = 0;
  const committed = (await committedEvents(url)).filter(({ id }) => id > after);
  const untold = committed.filter(({ id }) => !told.has(id));
  if (untold.length > 0) {
    violations.push(`${untold.length} of ${committed.length} events were never told, such as ${untold[0]?.id}`);
  }
  const known = new Set(committed.map(({ id }) => id));
  const invented = [...told.keys()].filter((id) => id > after && !known.has(id));
  if (invented.length > 0) {
    violations.push(`${invented.length} events were told that were never committed, such as ${invented[0]}`);
  }
  const last = new Map<string | null, { id: number; state: unknown }>();
  for (const { id, node, type, data } of told.values()) {
    const before = last.get(node);
    if (before !== undefined && id < before.id) {
      violations.push(`event ${id} of node ${node} was told after ${before.id}`);
    }
    const isOfState = type.startsWith('baremetal.node.provision_set') && node !== null;
    if (isOfState && before?.state !== undefined && data.from !== before.state) {
      violations.push(
        `event ${id} says that node ${node} left ${data.from}, the one before that it came to ${before.state}`,
      );
    }
    changes += isOfState && before?.state !== undefined ? 1 : 0;
    last.set(node, { id, state: isOfState ? data.to : before?.state });
  }
  return { violations, changes };
}
