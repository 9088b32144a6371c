// The interfaces that a machine may lack, as a fake machine has them: what they do ends at once and is kept in the store.
import { registeredError } from '@wrought/contract';
import {
  type BiosInterface,
  done,
  type FirmwareInterface,
  type InspectInterface,
  type RescueInterface,
  readFirmwareWishes,
  readSettings,
  step,
} from '../kit/index.ts';
import { pretend } from './pretend.ts';

const noValidation = async () => {};
const settings = { settings: { description: 'The settings to apply.', required: true } };

export const bios: BiosInterface = {
  kind: 'bios',
  name: 'fake',
  properties: {},
  supported: true,
  validate: noValidation,
  steps: [
    step({
      interface: 'bios',
      step: 'apply_configuration',
      kinds: ['clean'],
      requires_ramdisk: true,
      argsinfo: settings,
      recovery: 'repeat',
      async execute(task, args) {
        await pretend(task, 'bios');
        return done({ bios_settings: readSettings(args.settings) });
      },
    }),
    step({
      interface: 'bios',
      step: 'factory_reset',
      kinds: ['clean'],
      requires_ramdisk: true,
      recovery: 'repeat',
      async execute(task) {
        await pretend(task, 'bios');
        return done({ bios_settings: [] });
      },
    }),
    step({
      interface: 'bios',
      step: 'cache_bios_settings',
      kinds: ['clean'],
      requires_ramdisk: true,
      recovery: 'repeat',
      async execute(task) {
        // What is kept is all that a fake machine has.
        await pretend(task, 'bios');
        return done();
      },
    }),
  ],
};

export const firmware: FirmwareInterface = {
  kind: 'firmware',
  name: 'fake',
  properties: {},
  supported: true,
  validate: noValidation,
  steps: [
    step({
      interface: 'firmware',
      step: 'update',
      kinds: ['clean'],
      requires_ramdisk: true,
      argsinfo: settings,
      recovery: 'repeat',
      async execute(task, args) {
        await pretend(task, 'firmware');
        // The name of the file counts as the new version.
        const components = readFirmwareWishes(args.settings).map(({ component, url }) => {
          const version = new URL(url).pathname.split('/').at(-1) || 'unknown';
          return { component, current_version: version, last_version_flashed: version };
        });
        return done({ firmware_components: components });
      },
    }),
  ],
};

export const inspect: InspectInterface = {
  kind: 'inspect',
  name: 'fake',
  properties: {},
  supported: true,
  validate: noValidation,
  async inspect(task) {
    await pretend(task, 'inspect');
    return done();
  },
};

export const rescue: RescueInterface = {
  kind: 'rescue',
  name: 'fake',
  properties: {},
  supported: true,
  async validate({ node }) {
    if (node.instance_info.rescue_password !== undefined && typeof node.instance_info.rescue_password !== 'string') {
      throw registeredError('InvalidParameterValue', {
        reason: `instance_info/rescue_password of node ${node.uuid} is not text.`,
      });
    }
  },
  async rescue(task) {
    await pretend(task, 'rescue');
    return done();
  },
  async unrescue(task) {
    await pretend(task, 'rescue');
    return {};
  },
  cleanUp: async () => ({}),
};
