// Interfaces that do nothing: the "no-..." ones of optional kinds, and management and storage without any means.
import {
  defineDriver,
  type ManagementInterface,
  type OptionalKind,
  type PlainInterface,
  type UnsupportedInterface,
  unsupported,
} from '../kit/index.ts';

/** The "no-..." implementation of a kind. */
function nothing<Kind extends OptionalKind>(kind: Kind): UnsupportedInterface<Kind> {
  return { kind, name: `no-${kind}`, properties: {}, supported: false, validate: async () => {} };
}

const storage: PlainInterface<'storage'> = {
  kind: 'storage',
  name: 'noop',
  properties: {},
  supported: true,
  validate: async () => {},
};

/** Management of machines whose boot device nobody can set from outside. */
const management: ManagementInterface = {
  kind: 'management',
  name: 'noop',
  properties: {},
  validate: async () => {},
  supportedBootDevices: async () => [],
  async setBootDevice(task, device) {
    // Flows set boot devices where they can; a machine that is set up by hand boots as it was set up.
    task.log.debug({ node: task.node.uuid, device }, 'The boot device is left as it is.');
  },
  async getBootDevice(task) {
    throw unsupported(task.node, management, 'reading the boot device');
  },
};

export default defineDriver(() => ({
  hardwareTypes: [],
  interfaces: [
    nothing('bios'),
    nothing('console'),
    nothing('firmware'),
    nothing('inspect'),
    nothing('raid'),
    nothing('rescue'),
    nothing('vendor'),
    storage,
    management,
  ],
}));
