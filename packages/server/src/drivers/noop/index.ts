// Interfaces that do nothing: the "no-..." ones of optional kinds, and management and storage without any means.
import { type InterfaceKind, type Node, registeredError } from '@wrought/contract';
import { defineDriver, type ManagementInterface, type OptionalInterface } from '../kit/index.ts';

type OptionalKind = OptionalInterface['kind'];

function nothing(kind: OptionalKind, name: string): OptionalInterface {
  return { kind, name, properties: {}, supported: false, validate: async () => {} };
}

function unsupported(node: Node, kind: InterfaceKind, implementation: string, extension: string) {
  return registeredError('UnsupportedDriverExtension', { interface: kind, implementation, node: node.uuid, extension });
}

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
    throw unsupported(task.node, 'management', 'noop', 'reading the boot device');
  },
};

export default defineDriver(() => ({
  hardwareTypes: [],
  interfaces: [
    nothing('bios', 'no-bios'),
    nothing('console', 'no-console'),
    nothing('firmware', 'no-firmware'),
    nothing('inspect', 'no-inspect'),
    nothing('raid', 'no-raid'),
    nothing('rescue', 'no-rescue'),
    nothing('vendor', 'no-vendor'),
    { ...nothing('storage', 'noop'), supported: true },
    management,
  ],
}));
