// The door for calls to the conductor that owns a node: validation, boot device, VIFs, interface choice.
import {
  type InterfaceKind,
  interfaceKindNames,
  isRegisteredError,
  type ProvisionState,
  registeredError,
} from '@wrought/contract';
import type { DriverCatalog } from '../drivers/catalog.ts';
import { createAnswers } from './answers.ts';
import { createManagementCalls } from './call-management.ts';
import type { CallDoor, InterfaceValidation, VendorDoor } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import { freeTask, nodeTask, reservedTask } from './engine/node-task.ts';
import type { LearningTask } from './engine/task.ts';

/** States in which the instance is going or gone: its VIFs are used by nothing any more. */
const statesWithoutInstance: ReadonlySet<ProvisionState> = new Set([
  'deleting',
  'error',
  'cleaning',
  'clean wait',
  'clean hold',
  'clean failed',
  'available',
  'manageable',
]);

/** Makes the door. */
export function createCallDoor(context: EngineContext, catalog: DriverCatalog, vendor: VendorDoor): CallDoor {
  async function validateOne(learning: LearningTask, kind: InterfaceKind): Promise<InterfaceValidation> {
    const implementation = learning.task.interfaces[kind];
    if ('supported' in implementation && !implementation.supported) {
      return { result: null, reason: `not supported by the interface "${implementation.name}"` };
    }
    try {
      await implementation.validate(learning.task);
      return { result: true };
    } catch (error) {
      if (isRegisteredError(error)) {
        return { result: false, reason: error.message };
      }
      context.log.warn({ node: learning.task.node.uuid, interface: kind, err: error }, 'A validation met an error.');
      return { result: false, reason: `Unexpected: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  return {
    ...createAnswers(catalog, context.members, context.locks),
    vendor,
    async validate(node) {
      const learning = await nodeTask(context, node);
      const results = await Promise.all(
        interfaceKindNames.map(async (kind) => [kind, await validateOne(learning, kind)] as const),
      );
      return Object.fromEntries(results) as Record<InterfaceKind, InterfaceValidation>;
    },
    getBootDevice: (node) =>
      reservedTask(context, node, 'get boot device', ({ task }) => task.interfaces.management.getBootDevice(task)),
    setBootDevice: (node, device, persistent) =>
      reservedTask(context, node, 'set boot device', async ({ task }) => {
        const supported = await task.interfaces.management.supportedBootDevices(task);
        if (!supported.includes(device)) {
          throw registeredError('InvalidParameterValue', {
            reason: `Invalid boot device "${device}" for node ${node.uuid}; its ${task.interfaces.management.name} interface takes: ${supported.join(', ') || 'none'}.`,
          });
        }
        await task.interfaces.management.validate(task);
        await task.interfaces.management.setBootDevice(task, device, persistent);
      }),
    ...createManagementCalls(context),
    async supportedBootDevices(node) {
      const { task } = await nodeTask(context, node);
      return task.interfaces.management.supportedBootDevices(task);
    },
    async switchPorts(node) {
      const { task } = await nodeTask(context, node);
      const { network } = task.interfaces;
      if (network.switchPorts === undefined) {
        throw registeredError('UnsupportedDriverExtension', {
          interface: 'network',
          implementation: network.name,
          node: node.uuid,
          extension: 'showing ports of switches; the interface "ironic-networking" does',
        });
      }
      return network.switchPorts(task);
    },
    async listVifs(node) {
      const { task } = await nodeTask(context, node);
      return task.interfaces.network.listVifs(task);
    },
    attachVif: (node, vif, caller) =>
      reservedTask(context, node, 'attach VIF', async ({ task }) => {
        task.learn(await task.interfaces.network.attachVif(task, vif, caller));
      }),
    changeCarrier: (node, change) =>
      freeTask(context, node, async ({ task }) => task.interfaces.network.changeCarrier?.(task, change)),
    async detachVif(node, vifId) {
      const detach = async ({ task }: LearningTask) => {
        task.learn(await task.interfaces.network.detachVif(task, vifId));
      };
      // Cleaning may hold the node for hours, and whoever deleted the instance wants its VIFs back.
      await (node.reservation !== null && statesWithoutInstance.has(node.provision_state)
        ? freeTask(context, node, detach)
        : reservedTask(context, node, 'detach VIF', detach));
    },
  };
}
