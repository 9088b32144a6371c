// A bad network: passes datagrams between one client and a BMC, and loses, doubles and delays some of them.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

/** What happens to the datagram with this number, counted in both directions together. */
export type Fate = 'pass' | 'lose' | 'double' | 'after the next';

/** Address and port to use instead of the BMC's. */
export async function startRelay(
  t: TestContext,
  bmc: { readonly host: string; readonly port: number },
  fate: (count: number) => Fate,
  seen: (packet: Buffer) => void = () => undefined,
): Promise<{ readonly host: string; readonly port: number }> {
  const outside = createSocket('udp4');
  const inside = createSocket('udp4');
  outside.bind(0, '127.0.0.1');
  inside.bind(0, '127.0.0.1');
  await Promise.all([once(outside, 'listening'), once(inside, 'listening')]);
  t.after(() => {
    outside.close();
    inside.close();
  });
  let count = 0;
  let client: { port: number; address: string } | undefined;
  const pass = (forward: (bytes: Buffer) => void) => {
    let held: Buffer | undefined;
    return (bytes: Buffer) => {
      const now = fate(count++);
      if (now === 'after the next' && held === undefined) {
        held = bytes;
        return;
      }
      if (now !== 'lose') forward(bytes);
      if (now === 'double') forward(bytes);
      if (held !== undefined) forward(held);
      held = undefined;
    };
  };
  const toBmc = pass((bytes) => inside.send(bytes, bmc.port, bmc.host));
  const toClient = pass((bytes) => {
    if (client !== undefined) outside.send(bytes, client.port, client.address);
  });
  outside.on('message', (bytes, from) => {
    client = from;
    seen(bytes);
    toBmc(bytes);
  });
  inside.on('message', toClient);
  return { host: '127.0.0.1', port: outside.address().port };
}
