// The hardware type of a fleet, as a third party would write one: power and boot go to the machine's BMC over HTTP.
import {
  type BootInterface,
  createBmcGovernor,
  defineDriver,
  genericInterfaces,
  type ManagementInterface,
  type PowerInterface,
  type Task,
} from '@wrought/server/driver-kit';

const ADDRESS = 'fleet_address';
const PROPERTIES = { [ADDRESS]: 'URL of the BMC: http://HOST:PORT/bmcs/NAME. Required.' };
const ANSWER_TIMEOUT_MILLISECONDS = 10_000;

interface Condition {
  readonly power: 'power on' | 'power off';
  readonly boots_from: 'ramdisk' | 'disk' | null;
}

/** The BMC took the connection or not, and said nothing. */
class NoAnswerError extends Error {}

const governor = createBmcGovernor({ isSilence: (error) => error instanceof NoAnswerError });

function addressOf({ node }: Task): string {
  const address = node.driver_info[ADDRESS];
  if (typeof address !== 'string' || !URL.canParse(address)) {
    throw new Error(`driver_info/${ADDRESS} of node ${node.uuid} is ${JSON.stringify(address)}; it has to be a URL.`);
  }
  return address;
}

async function ask(task: Task, change?: object): Promise<Condition> {
  const endpoint = addressOf(task);
  return governor.run({ endpoint, isBackground: task.isBackground }, async () => {
    const signal = AbortSignal.any([task.abortSignal, AbortSignal.timeout(ANSWER_TIMEOUT_MILLISECONDS)]);
    let answer: Response;
    try {
      answer = await fetch(endpoint, {
        signal,
        ...(change === undefined
          ? {}
          : { method: 'PUT', body: JSON.stringify({ ...change, key: task.idempotencyKey, node: task.node.uuid }) }),
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new NoAnswerError(`The BMC at ${endpoint} did not answer: ${reason}.`);
    }
    if (!answer.ok) {
      throw new Error(`The BMC at ${endpoint} answered ${answer.status}: ${await answer.text()}.`);
    }
    return (await answer.json()) as Condition;
  });
}

const validate = async (task: Task) => {
  addressOf(task);
};

const power: PowerInterface = {
  kind: 'power',
  name: 'fleet',
  properties: PROPERTIES,
  supportedTargets: ['power on', 'power off', 'rebooting'],
  canSync: true,
  validate,
  getPowerState: async (task) => (await ask(task)).power,
  async setPowerState(task, target) {
    await ask(task, { power: target === 'power on' ? 'power on' : 'power off' });
  },
};

const management: ManagementInterface = {
  kind: 'management',
  name: 'fleet',
  properties: PROPERTIES,
  validate,
  supportedBootDevices: async () => ['pxe', 'disk'],
  async setBootDevice(task, device) {
    await ask(task, { boots_from: device === 'pxe' ? 'ramdisk' : 'disk' });
  },
  async getBootDevice(task) {
    const { boots_from: bootsFrom } = await ask(task);
    return { boot_device: bootsFrom === null ? null : bootsFrom === 'ramdisk' ? 'pxe' : 'disk', persistent: true };
  },
};

const bootsFrom = (target: Condition['boots_from']) => async (task: Task) => {
  await ask(task, { boots_from: target });
  return {};
};

const boot: BootInterface = {
  kind: 'boot',
  name: 'fleet',
  properties: PROPERTIES,
  validate,
  prepareRamdisk: bootsFrom('ramdisk'),
  cleanUpRamdisk: bootsFrom(null),
  prepareInstance: bootsFrom('disk'),
  cleanUpInstance: bootsFrom(null),
};

export default defineDriver(() => ({
  hardwareTypes: [
    {
      name: 'fleet',
      supported: { ...genericInterfaces, power: ['fleet'], management: ['fleet'], boot: ['fleet'], network: ['noop'] },
    },
  ],
  interfaces: [power, management, boot],
}));
