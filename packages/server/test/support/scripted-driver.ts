// A hardware type whose deploy interface does what a test says: steps and an agent given as functions, power in memory.
import {
  type DeployInterface,
  type Driver,
  done,
  genericInterfaces,
  type ManagementInterface,
  type Outcome,
  type PowerInterface,
  park,
  type Step,
  step,
} from '../../src/drivers/kit/index.ts';
import type { TestConductorOptions } from './conductor.ts';

const nothing = async () => ({});

const management: ManagementInterface = {
  kind: 'management',
  name: 'scripted',
  properties: {},
  validate: async () => {},
  supportedBootDevices: async () => ['pxe'],
  setBootDevice: async () => {},
  getBootDevice: async () => ({ boot_device: 'pxe', persistent: false }),
};

/** Makes the hardware type "scripted"; `deploy` replaces members of its deploy interface. */
export function scriptedDriver(deploy: Partial<DeployInterface>, power: Partial<PowerInterface> = {}): Driver {
  let state: 'power on' | 'power off' = 'power off';
  return {
    hardwareTypes: [
      {
        name: 'scripted',
        supported: {
          ...genericInterfaces,
          power: ['scripted'],
          management: ['scripted'],
          boot: ['scripted'],
          network: ['noop'],
          deploy: ['scripted'],
        },
      },
    ],
    interfaces: [
      management,
      {
        kind: 'power',
        name: 'scripted',
        properties: {},
        supportedTargets: ['power on', 'power off', 'rebooting'],
        canSync: false,
        validate: async () => {},
        getPowerState: async () => state,
        async setPowerState(_task, target) {
          state = target === 'power on' ? 'power on' : 'power off';
        },
        ...power,
      },
      {
        kind: 'boot',
        name: 'scripted',
        properties: {},
        validate: async () => {},
        prepareRamdisk: nothing,
        cleanUpRamdisk: nothing,
        prepareInstance: nothing,
        cleanUpInstance: nothing,
      },
      {
        kind: 'deploy',
        name: 'scripted',
        properties: {},
        validate: async () => {},
        prepare: nothing,
        tearDown: nothing,
        cleanUp: nothing,
        prepareCleaning: async () => done(),
        resumeCleaning: async () => done(),
        tearDownCleaning: nothing,
        ...deploy,
      },
    ],
  };
}

/** Options of a test conductor that has the scripted hardware type besides the fakes. */
export function scripted(driver: Driver, ...set: string[]): { set: string[]; drivers: Driver[] } {
  return {
    set: ['drivers.enabled=["fake-hardware", "scripted"]', 'conductor.graceful_shutdown_timeout=0', ...set],
    drivers: [driver],
  } satisfies TestConductorOptions;
}

/** A deploy step; priorities grow in the order of the call when they are given so. */
export function deployStep(name: string, priority: number, execute: Step['execute'], more: Partial<Step> = {}): Step {
  return step({ interface: 'deploy', step: name, kinds: ['deploy'], priority, recovery: 'repeat', execute, ...more });
}

/** A step that waits for a heartbeat of the agent, and is done with the first one. */
export function waitingStep(name: string, priority: number, more: Partial<Step> = {}): Step {
  return deployStep(name, priority, async () => park('the first heartbeat of the agent'), {
    abortable: true,
    resume: async (_task, _args, signal): Promise<Outcome> =>
      signal.kind === 'heartbeat' ? done() : park('the first heartbeat of the agent'),
    ...more,
  });
}

/** A door in a step: the test sees that the step has come to it, and lets it pass. */
export interface Gate {
  readonly reached: Promise<void>;
  open(): void;
  /** Called by the step. */
  pass(): Promise<void>;
}

export function gate(): Gate {
  const arrival = Promise.withResolvers<void>();
  const opening = Promise.withResolvers<void>();
  return {
    reached: arrival.promise,
    open: () => opening.resolve(),
    pass() {
      arrival.resolve();
      return opening.promise;
    },
  };
}
