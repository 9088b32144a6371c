// A database whose outbox is delivered to sinks, and how far they have come with it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { loadConfig } from '../../src/config/index.ts';
import { startDispatcher } from '../../src/notify/dispatcher.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { silentLog } from '../support/conductor.ts';
import { newDatabase } from '../support/databases.ts';

export interface Place {
  readonly directory: string;
  readonly database: string;
  readonly store: Store;
}

/** A data directory with a store of the kind of the test. */
export async function newPlace(t: TestContext): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-notify-'));
  const database = await newDatabase(t, directory);
  const store = await openStore(database);
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { directory, database, store };
}

/** Starts a dispatcher that ends with the test. */
export function dispatch(t: TestContext, { directory, store }: Place, set: readonly string[]) {
  const config = loadConfig({ dataDirectory: directory, set });
  const dispatcher = startDispatcher({ store, config, log: silentLog });
  t.after(() => dispatcher.stop());
  return dispatcher;
}

/** Resolves when the sinks have begun: events that are written from now on are theirs. */
export async function begun({ read }: Store, sinks = 1): Promise<void> {
  while ((await read.selectFrom('event_places').select('id').execute()).length < sinks) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function placeOf({ read }: Store, sink: string): Promise<number | undefined> {
  return (await read.selectFrom('event_places').select('place').where('sink', '=', sink).executeTakeFirst())?.place;
}

/** Resolves when the place of a sink is that of this event. */
export async function hasHad(store: Store, sink: string, id: number): Promise<void> {
  while ((await placeOf(store, sink)) !== id) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** All numbers from one to another. */
export const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
