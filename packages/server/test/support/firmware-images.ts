// A web server with firmware images, as the simulator reads them: `/bios-9.9.1.bin` is the version 9.9.1 for the BIOS.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** What the image of this name holds. */
export function imageOf(name: string): string {
  const [, part = '', version = ''] = /([a-z]+)-([\d.]+)\.bin$/.exec(name) ?? [];
  return JSON.stringify({ Version: version, Part: part });
}

/** Starts it; `asked` are the paths that somebody got. */
export async function imageServer(t: TestContext) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') asked.push(request.url ?? '');
    response.end(imageOf(request.url ?? ''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
