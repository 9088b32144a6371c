// Inside a lab's namespace: what connects to a TCP port of loopback here is passed on to a UNIX socket, which reaches out of it.
import { connect, createServer } from 'node:net';

/** "PORT=SOCKET" each. */
for (const given of process.argv.slice(2)) {
  const [, port = '', path = ''] = /^(\d+)=(.+)$/.exec(given) ?? [];
  const server = createServer((inner) => {
    const outer = connect(path);
    inner.pipe(outer).pipe(inner);
    // Either end may go first; the other follows.
    inner.on('error', () => outer.destroy());
    outer.on('error', () => inner.destroy());
  });
  server.listen(Number(port), '127.0.0.1', () => console.log(port));
}
