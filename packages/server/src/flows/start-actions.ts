// Begins what users ask of a machine beside its provisioning: boot mode, secure boot, console, virtual media.
import { type JsonObject, type Node, registeredError } from '@wrought/contract';
import { supportedInterface, unsupported } from '../drivers/kit/index.ts';
import type { Beginnings } from './beginnings.ts';
import type { NodeAction, StartDoor } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import { nodeTask } from './engine/node-task.ts';
import type { Flow } from './flow.ts';
import { flows } from './index.ts';

type Actions = Pick<StartDoor, 'bootMode' | 'secureBoot' | 'console' | 'attachVirtualMedium' | 'detachVirtualMedia'>;

/** Makes the part of the start door that concerns such actions. */
export function createActionStart(context: EngineContext, { begin }: Beginnings): Actions {
  function act({ node, requester }: NodeAction, flow: Flow, runArguments: JsonObject, check?: (node: Node) => unknown) {
    return context.locks.alone(node, async (free) => {
      await check?.(free);
      await begin(free, flow, runArguments, requester, async () => {});
    });
  }

  async function checkConsole(node: Node): Promise<void> {
    const { task } = await nodeTask(context, node);
    await supportedInterface(task, 'console').validate(task);
  }

  async function checkVirtualMedia(node: Node): Promise<void> {
    const { task } = await nodeTask(context, node);
    const { management } = task.interfaces;
    if (management.virtualMedia === undefined) {
      throw unsupported(node, management, 'virtual media');
    }
    if (node.fault === 'power failure') {
      throw registeredError('TemporaryFailure', {
        reason: `The BMC of node ${node.uuid} does not answer (fault "power failure"), so virtual media can not be changed now.`,
      });
    }
    await management.validate(task);
  }

  return {
    bootMode: (request) => act(request, flows['boot-mode'], { boot_mode: request.mode }),
    secureBoot: (request) => act(request, flows['boot-mode'], { secure_boot: request.isOn }),
    console: (request) => act(request, flows.console, { enabled: request.isEnabled }, checkConsole),
    attachVirtualMedium: (request) => act(request, flows['virtual-media'], { ...request.medium }, checkVirtualMedia),
    detachVirtualMedia: (request) =>
      act(request, flows['virtual-media'], { device_types: request.types }, checkVirtualMedia),
  };
}
