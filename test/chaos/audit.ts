// What the database itself writes down for the invariants, and a clock of the database that can be set wrong.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/**
 * Triggers see every write in its own transaction: of runs whose conductor has another epoch, of events that were committed.
 * `chaos` comes before `pg_catalog`, so that whoever asks the database for the time asks this clock.
 */
const statements = `
create schema chaos;
create table chaos.clock (wrong_by interval not null);
insert into chaos.clock values ('0');
create function chaos.clock_timestamp() returns timestamptz language sql volatile
  as 'select pg_catalog.clock_timestamp() + (select wrong_by from chaos.clock)';
create table chaos.violations (what text not null);
create table chaos.events (id bigint not null, node text);
create function chaos.look_at_run() returns trigger language plpgsql as $$
begin
  if not exists (select from public.conductors where hostname = new.conductor and epoch = new.epoch) then
    insert into chaos.violations values (
      format('run %s was written for %s in its epoch %s, which was over', new.uuid, new.conductor, new.epoch));
  end if;
  return null;
end $$;
create function chaos.look_at_event() returns trigger language plpgsql as $$
begin
  insert into chaos.events values (new.id, new.node_uuid);
  return null;
end $$;
create trigger chaos_run after insert or update on public.runs for each row execute function chaos.look_at_run();
create trigger chaos_event after insert on public.outbox for each row execute function chaos.look_at_event();
`;

async function withClient<Value>(url: string, work: (client: Client) => Promise<Value>): Promise<Value> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Sets the audit up in a database whose schema is there. Connections that are made from now on ask its clock. */
export async function installAudit(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(statements);
    const { rows } = await client.query<{ name: string }>('select current_database() as name');
    await client.query(`alter database ${rows[0]?.name} set search_path = public, chaos, pg_catalog`);
  });
}

/** Sets the clock of the database wrong by so many seconds from now on. */
export async function setDatabaseClock(url: string, seconds: number): Promise<void> {
  await withClient(url, (client) =>
    client.query('update chaos.clock set wrong_by = make_interval(secs => $1)', [seconds]),
  );
}

/** What the triggers found to be broken. */
export async function auditedViolations(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ what: string }>('select what from chaos.violations');
    return rows.map(({ what }) => what);
  });
}

/** Every event that was committed: number and node. */
export async function committedEvents(url: string): Promise<{ id: number; node: string | null }[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ id: string; node: string | null }>('select id, node from chaos.events');
    return rows.map(({ id, node }) => ({ id: Number(id), node }));
  });
}

/** How often work of another process was taken over. */
export async function countTakeOvers(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ count: string }>("select count(*) from journal where entry = 'recovered'");
    return Number(rows[0]?.count ?? 0);
  });
}

/** The number of the last event that a sink had had; waits until somebody delivers to it. */
export async function eventPlace(url: string, sink: string): Promise<number> {
  return withClient(url, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ place: string }>('select place from event_places where sink = $1', [sink]);
      if (rows[0] !== undefined) {
        return Number(rows[0].place);
      }
      await sleep(100);
    }
  });
}
