// How the processes under test and the harness talk to the recorder about one machine.
import { Agent, request } from 'node:http';
import type { Crossing, MachineOptions, MachineReport, MachineState } from './recorder-machine.ts';

export interface RecorderClient {
  create(options: MachineOptions): Promise<void>;
  state(): Promise<MachineState>;
  report(): Promise<MachineReport>;
  remove(): Promise<void>;
  effect(key: string, effect: string): Promise<void>;
  setPower(key: string, power: MachineState['power']): Promise<void>;
  cross(crossing: Crossing): Promise<void>;
  setDoor(url: string): Promise<void>;
}

const keepAlive = new Agent({ keepAlive: true });

/** Sends JSON over HTTP and answers the JSON that comes back. Loads less than `fetch`: hundreds of children start with it. */
export function sendJson(url: string, method: string, body?: object): Promise<unknown> {
  const answer = Promise.withResolvers<unknown>();
  const sent = request(url, { method, agent: keepAlive }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', answer.reject);
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      if (response.statusCode === 200) {
        answer.resolve(JSON.parse(text));
      } else {
        answer.reject(new Error(`${method} ${url} was answered ${response.statusCode}: ${text}`));
      }
    });
  });
  sent.on('error', answer.reject);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return answer.promise;
}

/** Talks to the recorder at `url` about the machine of a node. */
export function recorderClient(url: string, nodeUuid: string): RecorderClient {
  const post = async (action: string, body: object) => {
    await sendJson(`${url}/${nodeUuid}/${action}`, 'POST', body);
  };
  return {
    async create(options) {
      await sendJson(`${url}/${nodeUuid}`, 'PUT', options);
    },
    state: async () => (await sendJson(`${url}/${nodeUuid}/state`, 'GET')) as MachineState,
    report: async () => (await sendJson(`${url}/${nodeUuid}`, 'GET')) as MachineReport,
    async remove() {
      await sendJson(`${url}/${nodeUuid}`, 'DELETE');
    },
    effect: (key, effect) => post('effect', { key, effect }),
    setPower: (key, power) => post('power', { key, power }),
    cross: (crossing) => post('crossing', crossing),
    setDoor: (door) => post('door', { url: door }),
  };
}
