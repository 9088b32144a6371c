// The image server's program: files over HTTP inside the lab's namespace, and a control socket to steer it.
// Usage: main ROOT HOST:PORT CONTROL-SOCKET. It ends when its standard input ends, so it never outlives its parent.

import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFileService, type FileService } from './file-service.ts';
import type { ImageCondition, ImageFault } from './protocol.ts';

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

function controlListener(service: FileService): RequestListener {
  const answer = async (request: IncomingMessage, closed: AbortSignal): Promise<unknown> => {
    const url = new URL(request.url ?? '/', 'http://control');
    const path = url.searchParams.get('path') ?? '';
    const body = await readJson(request);
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /statistics':
        return service.statistics(path);
      case 'PUT /fault':
        service.setFault(path, body as ImageFault);
        return {};
      case 'POST /release':
        service.release(path);
        return {};
      case 'POST /wait':
        await service.reached(path, body as ImageCondition, closed);
        return service.statistics(path);
      default:
        throw new Error(`the image server's control has no ${request.method} ${url.pathname}`);
    }
  };
  return (request, response) => {
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    answer(request, closed.signal).then(
      (value) => response.end(JSON.stringify(value)),
      (error: Error) => {
        if (error.name !== 'AbortError') response.writeHead(400).end(JSON.stringify({ error: error.message }));
      },
    );
  };
}

function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
}

const [root, address, controlSocket] = process.argv.slice(2);
const [host, port] = address?.split(':') ?? [];
if (root === undefined || host === undefined || port === undefined || controlSocket === undefined) {
  throw new Error('usage: main ROOT HOST:PORT CONTROL-SOCKET');
}
const service = createFileService(root);
const files = createServer(service.listener);
await listen(files, { host, port: Number(port) });
await listen(createServer(controlListener(service)), { path: controlSocket });
console.log(`listening on ${host}:${(files.address() as AddressInfo).port}`);

const end = () => {
  rmSync(controlSocket, { force: true });
  process.exit(0);
};
process.stdin.on('end', end).resume();
process.on('SIGTERM', end);
