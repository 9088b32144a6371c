// Checks what sinks have had of the events: what they lack, what was deleted before they took it, and what they refused for good.
import { existsSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { openForReading } from '../database/status.ts';
import type { Database } from '../store/connections.ts';
import { newestEventId } from '../store/outbox.ts';
import { countRefusedEvents, reasonOfRefusal } from '../store/refused-events.ts';
import { readSchema } from '../store/schema.ts';
import { type Finding, ok, warning } from './finding.ts';

const results = { reduced: 'it has them without their payload', 'set aside': 'it has nothing of them' };

/** Nothing where there is no database of this program's level; what is wrong with that another check says. */
export async function checkEvents({ database, events }: Config): Promise<Finding[]> {
  const { url, path } = database;
  if (events.sinks.length === 0 || (url === null && !existsSync(path))) {
    return [];
  }
  const opened = await openForReading(url ?? path).catch(() => undefined);
  if (opened === undefined) {
    return [];
  }
  try {
    const { applied, pending } = await readSchema(opened.db);
    return applied.length === 0 || pending.length > 0
      ? []
      : [...(await checkPlaces(opened.db, events.sinks)), ...(await checkRefused(opened.db))];
  } finally {
    await opened.close();
  }
}

async function checkPlaces(db: Database, sinks: readonly string[]): Promise<Finding[]> {
  const newest = await newestEventId(db);
  const places = await db.selectFrom('event_places').selectAll().where('sink', 'in', sinks).orderBy('sink').execute();
  return places.flatMap(({ sink, place, lost, updated_at: since }) => [
    ok(`events to ${sink}`, `It has had the events up to ${place} of ${newest}, the last time at ${since}.`),
    ...(lost === 0
      ? []
      : [
          warning(
            `events to ${sink}`,
            `${lost} events were deleted before it took them.`,
            'Look in the log why it took none; events.undelivered_retention_days is how long they are kept.',
          ),
        ]),
  ]);
}

async function checkRefused(db: Database): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { sink, form, count, newest } of await countRefusedEvents(db)) {
    findings.push(
      warning(
        `events to ${sink}`,
        `Events that it refused for good: ${count}; ${results[form as keyof typeof results]}. The last one, ${newest}: ${await reasonOfRefusal(db, sink, newest)}`,
        `Raise the limit of the receiver; "wrought events --after ${newest - 1} --count 1 --json" shows the event.`,
      ),
    );
  }
  return findings;
}
