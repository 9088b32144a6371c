// Stands before Neutron and calls back around the requests that write, so that who sent one can be killed before or after it took effect.
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface KillingProxy {
  readonly url: string;
  /** Writes of which Neutron's answer was handed on, or would have been. */
  writes(): number;
  /** Calls `kill` before or after the write of this number (from 1), instead of handing it on or its answer. */
  arm(write: number, when: 'before' | 'after', kill: () => void): void;
  /** Counts from the beginning, and kills nobody. */
  disarm(): void;
  close(): Promise<void>;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Starts it on loopback. */
export async function startKillingProxy(target: string): Promise<KillingProxy> {
  let count = 0;
  let armed: { readonly write: number; readonly when: 'before' | 'after'; readonly kill: () => void } | undefined;

  async function forward(incoming: IncomingMessage): Promise<{ status: number; body: Buffer } | undefined> {
    const isWrite = incoming.method !== 'GET';
    const body = await bodyOf(incoming);
    if (isWrite) {
      count += 1;
    }
    const mine = isWrite && armed?.write === count ? armed : undefined;
    if (mine?.when === 'before') {
      mine.kill();
      return undefined;
    }
    const { method = 'GET', headers } = incoming;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpRequest(target + (incoming.url ?? ''), { method, headers }, resolve);
      outgoing.once('error', reject);
      outgoing.end(body);
    });
    const result = { status: answer.statusCode ?? 502, body: await bodyOf(answer) };
    if (mine !== undefined) {
      mine.kill();
      return undefined;
    }
    return result;
  }

  const server = createServer((incoming, response) => {
    forward(incoming).then(
      (result) => {
        if (result === undefined) {
          incoming.socket.destroy();
        } else {
          response.writeHead(result.status, { 'Content-Type': 'application/json' }).end(result.body);
        }
      },
      () => incoming.socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes: () => count,
    arm(write, when, kill) {
      count = 0;
      armed = { write, when, kill };
    },
    disarm() {
      count = 0;
      armed = undefined;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
