// How the processes under test and the harness talk to the recorder about one machine.
import type { Crossing, MachineOptions, MachineReport, MachineState } from './recorder-machine.ts';

export interface RecorderClient {
  create(options: MachineOptions): Promise<void>;
  report(): Promise<MachineReport>;
  remove(): Promise<void>;
  effect(key: string, effect: string): Promise<void>;
  setPower(key: string, power: MachineState['power']): Promise<void>;
  cross(crossing: Crossing): Promise<void>;
  setDoor(url: string): Promise<void>;
}

/** Talks to the recorder at `url` about the machine of a node. */
export function recorderClient(url: string, nodeUuid: string): RecorderClient {
  async function call(method: string, action: string, body?: object): Promise<unknown> {
    const response = await fetch(`${url}/${nodeUuid}${action}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`The recorder answered ${method} ${action}: ${text}`);
    }
    return JSON.parse(text);
  }
  const post = async (action: string, body: object) => {
    await call('POST', `/${action}`, body);
  };
  return {
    async create(options) {
      await call('PUT', '', options);
    },
    report: async () => (await call('GET', '')) as MachineReport,
    async remove() {
      await call('DELETE', '');
    },
    effect: (key, effect) => post('effect', { key, effect }),
    setPower: (key, power) => post('power', { key, power }),
    cross: (crossing) => post('crossing', crossing),
    setDoor: (door) => post('door', { url: door }),
  };
}
