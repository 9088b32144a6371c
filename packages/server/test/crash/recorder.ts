// The recorder's process: everything outside the server under test. It is never killed, so what it saw is what happened.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Crossing, createMachine, type Machine, type MachineOptions } from './recorder-machine.ts';

const machines = new Map<string, Machine>();

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** `HEAD` of anything is an image, `GET /v2.0/networks` a network that there is, whatever its name, `PUT /UUID` makes a machine, `GET /UUID[/state]` reports it, `POST /UUID/effect|power|crossing|door` acts on it, `DELETE` ends it. */
async function answer(request: IncomingMessage): Promise<unknown> {
  const [, uuid = '', action] = (request.url ?? '').split('/');
  const body = await readJson(request);
  if (request.method === 'HEAD') {
    // Whoever asks whether the image is there.
    return {};
  }
  if (uuid === 'v2.0') {
    // As the network service answers: steps of the interface neutron ask for nothing else where there is no VIF.
    return { networks: [{ id: 'the-network' }] };
  }
  if (request.method === 'PUT') {
    machines.set(uuid, createMachine(uuid, body as MachineOptions));
    return {};
  }
  const machine = machines.get(uuid);
  if (machine === undefined) {
    throw new Error(`There is no machine ${uuid}.`);
  }
  if (request.method === 'DELETE') {
    machine.stop();
    machines.delete(uuid);
    return {};
  }
  const { key, effect, power, url } = body as {
    key: string;
    effect: string;
    power: 'power on' | 'power off';
    url: string;
  };
  switch (action) {
    case 'effect':
      machine.apply(key, effect);
      return {};
    case 'power':
      machine.setPower(key, power);
      return {};
    case 'crossing':
      machine.cross(body as Crossing);
      return {};
    case 'door':
      machine.setDoor(url);
      return {};
    case 'state':
      return machine.report().state;
    default:
      return machine.report();
  }
}

const server = createServer((request, response) => {
  answer(request).then(
    (body) => response.writeHead(200).end(JSON.stringify(body)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
// It ends with the test run, also when that is ended by force.
process.stdin.resume().on('end', () => process.exit(0));
