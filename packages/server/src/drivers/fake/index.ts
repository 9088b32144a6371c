// fake-hardware: machines that exist only in the store, for tests, demonstrations and client development.
import { type PowerState, registeredError } from '@wrought/contract';
import {
  type BootInterface,
  type DeployInterface,
  defineDriver,
  done,
  genericInterfaces,
  type ManagementInterface,
  type OptionalInterface,
  type PowerInterface,
  type SupportedInterfaces,
  step,
} from '../kit/index.ts';
import { pretend } from './pretend.ts';

const noValidation = async () => {};

/** The state that a fake BMC has: what the store has, or what this process set last. */
const power: PowerInterface = {
  kind: 'power',
  name: 'fake',
  properties: {},
  supportedTargets: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'],
  canSync: true,
  validate: noValidation,
  getPowerState: async (task) => task.node.power_state,
  async setPowerState(task, target) {
    await pretend(task, 'power');
    const state: PowerState = target === 'power on' ? 'power on' : 'power off';
    task.learn({ power_state: state });
  },
};

const supportedBootDevices = ['pxe'];

const management: ManagementInterface = {
  kind: 'management',
  name: 'fake',
  properties: {},
  validate: noValidation,
  supportedBootDevices: async () => supportedBootDevices,
  async setBootDevice(task, device) {
    await pretend(task, 'management');
    if (!supportedBootDevices.includes(device)) {
      throw registeredError('InvalidParameterValue', {
        reason: `Invalid boot device "${device}"; fake management takes: ${supportedBootDevices.join(', ')}.`,
      });
    }
  },
  getBootDevice: async () => ({ boot_device: 'pxe', persistent: false }),
};

async function pretendBoot(task: Parameters<BootInterface['prepareRamdisk']>[0]) {
  await pretend(task, 'boot');
  return {};
}

const boot: BootInterface = {
  kind: 'boot',
  name: 'fake',
  properties: {},
  validate: noValidation,
  prepareRamdisk: pretendBoot,
  cleanUpRamdisk: pretendBoot,
  prepareInstance: pretendBoot,
  cleanUpInstance: pretendBoot,
};

const deploy: DeployInterface = {
  kind: 'deploy',
  name: 'fake',
  properties: {},
  validate: noValidation,
  steps: [
    step({
      interface: 'deploy',
      step: 'deploy',
      kinds: ['deploy'],
      priority: 100,
      abortable: true,
      recovery: 'repeat',
      async execute(task) {
        await pretend(task, 'deploy');
        return done({ power_state: 'power on' });
      },
    }),
  ],
  prepare: async () => ({}),
  async tearDown(task) {
    await pretend(task, 'deploy');
    return { power_state: 'power off' };
  },
  cleanUp: async () => ({}),
  prepareCleaning: async () => done(),
  resumeCleaning: async () => done(),
  tearDownCleaning: async () => ({}),
};

function optional(kind: OptionalInterface['kind'], steps: OptionalInterface['steps'] = []): OptionalInterface {
  return { kind, name: 'fake', properties: {}, supported: true, validate: noValidation, steps };
}

const settings = { settings: { description: 'The settings to apply.', required: true } };

/** A fake step that only takes the delay of its interface. */
function fakeStep(
  kind: 'bios' | 'firmware' | 'vendor',
  name: string,
  priority = 0,
  argsinfo: typeof settings | null = null,
) {
  return step({
    interface: kind,
    step: name,
    kinds: ['clean'],
    priority,
    requires_ramdisk: true,
    argsinfo,
    recovery: 'repeat',
    async execute(task) {
      await pretend(task, kind);
      return done();
    },
  });
}

const supported: SupportedInterfaces = {
  bios: ['fake', ...genericInterfaces.bios],
  boot: ['fake', ...genericInterfaces.boot],
  console: ['fake', ...genericInterfaces.console],
  deploy: ['fake', ...genericInterfaces.deploy],
  firmware: ['fake', ...genericInterfaces.firmware],
  inspect: ['fake', ...genericInterfaces.inspect],
  management: ['fake'],
  network: genericInterfaces.network,
  power: ['fake'],
  raid: ['fake', ...genericInterfaces.raid],
  rescue: ['fake', ...genericInterfaces.rescue],
  storage: ['fake', ...genericInterfaces.storage],
  vendor: ['fake', ...genericInterfaces.vendor],
};

export default defineDriver(() => ({
  hardwareTypes: [{ name: 'fake-hardware', supported, acceptsAnyInterface: true }],
  interfaces: [
    power,
    management,
    boot,
    deploy,
    optional('bios', [
      fakeStep('bios', 'apply_configuration', 0, settings),
      fakeStep('bios', 'factory_reset'),
      fakeStep('bios', 'cache_bios_settings'),
    ]),
    optional('console'),
    optional('firmware', [fakeStep('firmware', 'update', 0, settings)]),
    optional('inspect'),
    optional('raid'),
    optional('rescue'),
    optional('storage'),
    optional('vendor', [fakeStep('vendor', 'log_passthrough', 1)]),
  ],
}));
