// The interfaces that every fake machine has: power, management, boot, deploy, storage.
import { type PowerState, registeredError } from '@wrought/contract';
import {
  type BootInterface,
  type DeployInterface,
  done,
  type ManagementInterface,
  type PlainInterface,
  type PowerInterface,
  step,
} from '../kit/index.ts';
import { indicators } from './indicators.ts';
import { pretend } from './pretend.ts';
import { getSensorsData } from './sensors.ts';
import { virtualMedia } from './virtual-media.ts';

const noValidation = async () => {};

/** The state that a fake BMC has: what the store has, or what this process set last. */
export const power: PowerInterface = {
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

export const management: ManagementInterface = {
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
  getSensorsData,
  indicators,
  virtualMedia,
};

async function pretendBoot(task: Parameters<BootInterface['prepareRamdisk']>[0]) {
  await pretend(task, 'boot');
  return {};
}

export const boot: BootInterface = {
  kind: 'boot',
  name: 'fake',
  properties: {},
  validate: noValidation,
  prepareRamdisk: pretendBoot,
  cleanUpRamdisk: pretendBoot,
  prepareInstance: pretendBoot,
  cleanUpInstance: pretendBoot,
};

export const deploy: DeployInterface = {
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
  imageServer({ instance_info: { image_source: source } }) {
    return typeof source === 'string' && URL.canParse(source) ? new URL(source).host || null : null;
  },
  prepare: async () => ({}),
  async tearDown(task) {
    await pretend(task, 'deploy');
    return { power_state: 'power off' };
  },
  cleanUp: async () => ({}),
  prepareCleaning: async () => done(),
  resumeCleaning: async () => done(),
  tearDownCleaning: async () => ({}),
  async takeOver(task) {
    await pretend(task, 'deploy');
    return {};
  },
  service: {
    prepare: async () => done(),
    resume: async () => done(),
    tearDown: async () => ({}),
  },
};

export const storage: PlainInterface<'storage'> = {
  kind: 'storage',
  name: 'fake',
  properties: {},
  supported: true,
  validate: noValidation,
};
