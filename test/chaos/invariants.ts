// What must hold whatever is killed: looked at in the database itself, beside the processes, again and again.
import { Client } from 'pg';

/** After an epoch moved on, a transaction that had begun before may still end. */
const GRACE_MILLISECONDS = 1_500;

export interface Invariants {
  /** Looks that were made. */
  looks(): number;
  /** What was broken, in words. */
  readonly violations: readonly string[];
  look(): Promise<void>;
  /** Looks once more, at what must hold when everything rests. */
  atRest(): Promise<void>;
  close(): Promise<void>;
}

interface ConductorRow {
  hostname: string;
  epoch: string;
}

/** Makes the watch over the database at `url`, which must not go through what is cut. */
export function watchInvariants(url: string): Invariants {
  const violations: string[] = [];
  /** When each epoch of a conductor was first seen to be over. */
  const over = new Map<string, number>();
  const epochs = new Map<string, number>();
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
    for (const { hostname, epoch } of await query<ConductorRow>('select hostname, epoch from conductors')) {
      const now = Number(epoch);
      const before = epochs.get(hostname);
      for (let old = before ?? now; old < now; old += 1) {
        over.set(`${hostname}/${old}`, Date.now());
      }
      epochs.set(hostname, now);
    }
    const runs = await query<{ uuid: string; conductor: string; epoch: string; updated_at: string; finished: boolean }>(
      'select uuid, conductor, epoch, updated_at, finished_at is not null as finished from runs',
    );
    for (const { uuid, conductor, epoch, updated_at } of runs) {
      const ended = over.get(`${conductor}/${epoch}`);
      if (ended !== undefined && Date.parse(updated_at) > ended + GRACE_MILLISECONDS) {
        violations.push(`run ${uuid} was written at ${updated_at} by ${conductor} whose epoch ${epoch} was over`);
      }
    }
    const orphans = await query<{ uuid: string; provision_state: string }>(
      `select uuid, provision_state from nodes where reservation is not null and reservation not in (select hostname from conductors)`,
    );
    for (const { uuid } of orphans) {
      violations.push(`node ${uuid} is reserved by somebody who never was`);
    }
  }

  return {
    looks: () => looks,
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
      const [open] = await query<{ count: string }>('select count(*) from runs where finished_at is null');
      if (Number(open?.count) > 0) {
        violations.push(`${open?.count} runs are unfinished although every node rests`);
      }
      const odd = await query<{
        uuid: string;
        provision_state: string;
        reservation: string | null;
        last_error: string | null;
        maintenance: string;
      }>(
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
