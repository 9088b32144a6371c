// Begins a deployment: what the instance asks for is checked against the node, then everything is stored at once.
import {
  isRegisteredError,
  type JsonObject,
  type Node,
  type RequestedStep,
  registeredError,
  verbs,
} from '@wrought/contract';
import { mergeObject } from '../store/nodes.ts';
import { listDeployTemplateSteps } from '../store/template-steps.ts';
import type { Beginnings } from './beginnings.ts';
import { planDeploySteps } from './deploy.ts';
import type { ProvisionRequest } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import { nodeTask } from './engine/node-task.ts';
import { change, moveState } from './engine/progress.ts';
import { flows } from './index.ts';

/** Members of instance_info that say how large the partitions are; data to be kept needs them as they were. */
const layoutKeys = ['root_gb', 'swap_mb', 'ephemeral_gb'] as const;

function layoutOf(node: Node): JsonObject {
  return Object.fromEntries(layoutKeys.map((key) => [key, node.instance_info[key] ?? null]));
}

/** What a later rebuild compares its layout with; nothing where the instance asks for none. */
function layoutToKeep(node: Node): JsonObject {
  const layout = layoutOf(node);
  return Object.values(layout).every((size) => size === null) ? {} : { instance: layout };
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|yes|on|1)$/i.test(value));
}

/** Throws when a rebuild is to keep the ephemeral partition but gives the disk another layout. */
function checkKeptData(node: Node): void {
  const before = node.driver_internal_info.instance as JsonObject | undefined;
  if (!isTrue(node.instance_info.preserve_ephemeral) || before === undefined) {
    return;
  }
  const layout = layoutOf(node);
  const changed = layoutKeys.filter((key) => (before[key] ?? null) !== layout[key]);
  if (changed.length > 0) {
    throw registeredError('InvalidParameterValue', {
      reason: `Node ${node.uuid} can not be rebuilt with instance_info/preserve_ephemeral: ${changed.join(', ')} differ from those of the last deployment.`,
    });
  }
}

/** A rebuild from an image of the image service takes kernel and ramdisk from there again. */
function withoutImageFiles(info: JsonObject): JsonObject {
  const source = info.image_source;
  const isServiceImage = typeof source === 'string' && (!source.includes('://') || source.startsWith('glance://'));
  return isServiceImage && !source.startsWith('/')
    ? mergeObject(info, { kernel: null, ramdisk: null, boot_iso: null })
    : info;
}

/** The node as the deployment is to find it: with its config drive, and without what an earlier one left. */
function asDeployed(node: Node, { verb, configdrive }: ProvisionRequest): Node {
  const info = verb === 'rebuild' ? withoutImageFiles(node.instance_info) : node.instance_info;
  const isGiven = configdrive !== undefined && configdrive !== '';
  return { ...node, instance_info: isGiven ? { ...info, configdrive } : info };
}

/** Makes the function that begins deployments and rebuilds. */
export function createDeployStart(context: EngineContext, { begin }: Beginnings) {
  return async (node: Node, request: ProvisionRequest): Promise<void> => {
    const wanted = Array.isArray(node.instance_info.traits) ? (node.instance_info.traits as string[]) : [];
    const missing = wanted.filter((trait) => !node.traits.includes(trait));
    if (missing.length > 0) {
      throw registeredError('InvalidParameterValue', {
        reason: `The instance asks for traits that node ${node.uuid} does not have: ${missing.join(', ')}. It has: ${node.traits.join(', ') || 'none'}.`,
      });
    }
    if (request.verb === 'rebuild') {
      checkKeptData(node);
    }
    const templateSteps: readonly RequestedStep[] = await listDeployTemplateSteps(context.store.read, wanted);
    const runArguments: JsonObject = { template_steps: templateSteps, deploy_steps: request.deploySteps ?? [] };
    const { task, learned } = await nodeTask(context, asDeployed(node, request));
    try {
      await task.interfaces.power.validate(task);
      await task.interfaces.deploy.validate(task);
      planDeploySteps({
        node: task.node,
        run: { arguments: runArguments, memory: {}, failure: null },
        interfaces: task.interfaces,
        config: task.config,
        agentSteps: undefined,
      });
    } catch (error) {
      if (isRegisteredError(error)) {
        throw registeredError('InvalidParameterValue', {
          reason: `Node ${node.uuid} can not be deployed: ${error.message}`,
        });
      }
      throw error;
    }
    await begin(node, flows.deploy, runArguments, request.requester, async (progress) => {
      await moveState(progress, verbs[request.verb].event);
      change(progress, {
        target_provision_state: 'active',
        last_error: null,
        instance_info: asDeployed(progress.node, request).instance_info,
        driver_internal_info: {
          ...progress.node.driver_internal_info,
          ...learned().driver_internal_info,
          ...layoutToKeep(node),
        },
      });
    });
  };
}
