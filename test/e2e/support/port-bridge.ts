// Lets programs in a lab's namespace reach services that listen on loopback of this host, at the same addresses.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnInNamespace } from '@wrought/lab';

const child = fileURLToPath(new URL('./port-bridge-child.ts', import.meta.url));

/** Opens the ports of these URLs. @param directory for sockets */
export async function bridgePorts(
  namespace: string,
  urls: readonly string[],
  directory: string,
): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const given: string[] = [];
  for (const url of urls) {
    const { port } = new URL(url);
    const path = join(directory, `${port}.sock`);
    const server = createServer((inner) => {
      const outer = connect(Number(port), '127.0.0.1');
      inner.pipe(outer).pipe(inner);
      inner.on('error', () => outer.destroy());
      outer.on('error', () => inner.destroy());
    });
    server.listen(path);
    await once(server, 'listening');
    stack.defer(() => {
      server.close();
    });
    given.push(`${port}=${path}`);
  }
  const running = spawnInNamespace(namespace, process.execPath, [child, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stack.defer(async () => {
    const ended = once(running, 'exit');
    running.kill();
    await ended;
  });
  let ready = '';
  while (ready.split('\n').length <= given.length) {
    const [chunk] = (await once(running.stdout ?? running, 'data')) as [Buffer];
    ready += String(chunk);
  }
  return stack;
}
