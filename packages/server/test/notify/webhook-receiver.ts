// A web server that takes posts of events: it remembers them, and can be told to refuse or to hang.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { OutgoingEvent } from '@wrought/contract';

export interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly events: readonly OutgoingEvent[];
}

export interface WebhookReceiver {
  readonly url: string;
  readonly posts: readonly Post[];
  /** Decides on each post, before which it is remembered; 200 when absent. */
  answer: ((post: Post, response: ServerResponse) => void) | undefined;
  /** Resolves when the posts fulfil the condition. */
  until(condition: (posts: readonly Post[]) => boolean): Promise<void>;
}

/** Starts a receiver that ends with the test. */
export async function startReceiver(t: TestContext): Promise<WebhookReceiver> {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece);
    }
    const body = Buffer.concat(pieces).toString('utf8');
    const post = { headers: request.headers, body, events: JSON.parse(body).events };
    posts.push(post);
    if (receiver.answer === undefined) {
      response.end();
    } else {
      receiver.answer(post, response);
    }
    server.emit('post');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posts,
    answer: undefined,
    async until(condition) {
      while (!condition(posts)) {
        await once(server, 'post');
      }
    },
  };
  return receiver;
}

/** The numbers of the events in the posts, in the order in which they came. */
export function idsOf(posts: readonly Post[]): number[] {
  return posts.flatMap(({ events }) => events.map(({ id }) => id));
}
