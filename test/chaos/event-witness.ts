// Takes the events of the webhook sink and remembers them, now and then refusing some, to compare with what was committed.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An event as the webhook told it, as far as the invariants read it. */
export interface ToldEvent {
  readonly id: number;
  readonly node: string | null;
  readonly type: string;
  readonly data: { readonly from?: unknown; readonly to?: unknown };
}

export interface EventWitness {
  readonly url: string;
  /** Answers 503 from now on, or takes events again. */
  refuse(isRefusing: boolean): void;
  /** Events that were confirmed, by number, in the order in which each came first. */
  readonly told: ReadonlyMap<number, ToldEvent>;
  /** Events that came again, and batches that were refused. */
  counts(): { readonly again: number; readonly refused: number };
  close(): Promise<void>;
}

/** Starts to listen on loopback. */
export async function startEventWitness(): Promise<EventWitness> {
  const told = new Map<number, ToldEvent>();
  let isRefusing = false;
  let again = 0;
  let refused = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    if (isRefusing) {
      refused += 1;
      response.writeHead(503).end();
      return;
    }
    for (const event of (JSON.parse(Buffer.concat(chunks).toString()) as { events: ToldEvent[] }).events) {
      if (told.has(event.id)) {
        again += 1;
      } else {
        told.set(event.id, { id: event.id, node: event.node, type: event.type, data: event.data });
      }
    }
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    refuse: (isNow) => {
      isRefusing = isNow;
    },
    told,
    counts: () => ({ again, refused }),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
