// The door through which work begins: checks what the conductor's side knows, then stores state, reservation and run at once.
import {
  isRegisteredError,
  type JsonObject,
  type Node,
  nextState,
  powerTargets,
  provisionStates,
  type RequestedStep,
  registeredError,
  verbs,
} from '@wrought/contract';
import { findNodeById } from '../store/nodes.ts';
import { type Run, unfinishedRunOf, updateRun } from '../store/runs.ts';
import type { StoreTransaction } from '../store/store.ts';
import { listDeployTemplateSteps } from '../store/template-steps.ts';
import { now } from '../store/time.ts';
import { automatedCleaningApplies } from './clean.ts';
import { planDeploySteps } from './deploy.ts';
import type { PowerRequest, ProvisionRequest, Requester, StartDoor } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import type { Engine } from './engine/engine.ts';
import { change, moveState, type Progress, startRun, writeProgress } from './engine/progress-of-run.ts';
import type { Flow } from './flow.ts';
import { flows } from './index.ts';
import { nodeLocked } from './locks.ts';
import { validationTask } from './validation.ts';

/** Verbs whose flow comes with a later version of the server. */
const verbsWithoutFlow: ReadonlySet<string> = new Set(['inspect', 'adopt', 'rescue', 'unrescue', 'unhold', 'service']);
/** Verbs that only look at the state, never at the machine. */
const refusedInMaintenance: ReadonlySet<string> = new Set([
  'active',
  'deploy',
  'rebuild',
  'clean',
  'rescue',
  'unrescue',
  'service',
]);

/** Makes the door. */
export function createStartDoor(context: EngineContext, engine: Engine): StartDoor {
  /** Stores the beginning of a flow and lets the engine drive it. */
  async function begin(
    node: Node,
    flow: Flow,
    runArguments: JsonObject,
    requester: Requester,
    before: (progress: Progress) => Promise<void>,
  ): Promise<void> {
    const started = await context.store.transaction(async (trx) => {
      const progress = await openNode(trx, node, requester);
      await before(progress);
      const begun = await startRun(progress, flow, runArguments);
      await writeProgress(progress);
      return begun.followUp ?? begun.run;
    });
    context.locks.changed(node.id);
    if (started.status !== 'finished') {
      engine.drive(started);
    }
  }

  /** The progress of a node that no run works on; throws NodeLocked when it was reserved meanwhile. */
  async function openNode(trx: StoreTransaction, node: Node, requester: Requester): Promise<Progress> {
    await context.lease.assertEpoch(trx);
    const fresh = await findNodeById(trx, node.id);
    if (fresh === undefined) {
      throw registeredError('NodeNotFound', { node: node.uuid });
    }
    if (fresh.reservation !== null) {
      throw nodeLocked(fresh, 1);
    }
    const run = { request_id: requester.requestId, requested_by: requester.user } as Run;
    return { context, trx, flow: flows.verify, run, node: fresh, changes: {} };
  }

  /** Makes a transition that needs no work. */
  async function moveOnly(node: Node, event: 'manage', requester: Requester): Promise<void> {
    await context.store.transaction(async (trx) => {
      const progress = await openNode(trx, node, requester);
      await moveState(progress, event);
      change(progress, { target_provision_state: null });
      await writeProgress(progress);
    });
    context.locks.changed(node.id);
  }

  /** Ends a parked run whose place another flow takes (tear-down during "wait call-back"). */
  async function supersede(progress: Progress): Promise<void> {
    const waiting = await unfinishedRunOf(progress.trx, progress.node.id, 'provision');
    if (waiting !== undefined) {
      await updateRun(progress.trx, waiting.id, { status: 'finished', finished_at: now(), failure: 'Superseded.' });
      engine.forget(waiting.id);
    }
  }

  async function deploy(node: Node, request: ProvisionRequest): Promise<void> {
    const wanted = Array.isArray(node.instance_info.traits) ? (node.instance_info.traits as string[]) : [];
    const missing = wanted.filter((trait) => !node.traits.includes(trait));
    if (missing.length > 0) {
      throw registeredError('InvalidParameterValue', {
        reason: `The instance asks for traits that node ${node.uuid} does not have: ${missing.join(', ')}. It has: ${node.traits.join(', ') || 'none'}.`,
      });
    }
    const templateSteps: readonly RequestedStep[] = await listDeployTemplateSteps(context.store.read, wanted);
    const runArguments: JsonObject = { template_steps: templateSteps, deploy_steps: request.deploySteps ?? [] };
    const configured = request.configdrive;
    const withDrive: Node =
      configured === undefined || configured === ''
        ? node
        : { ...node, instance_info: { ...node.instance_info, configdrive: configured } };
    const { task, learned } = await validationTask(context, withDrive);
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
        ...(withDrive === node ? {} : { instance_info: withDrive.instance_info }),
        driver_internal_info: { ...progress.node.driver_internal_info, ...learned().driver_internal_info },
      });
    });
  }

  async function provision(request: ProvisionRequest): Promise<void> {
    const { node, verb } = request;
    const { event } = verbs[verb];
    const to = nextState(node.provision_state, event);
    if (to === undefined) {
      throw registeredError('InvalidStateRequested', {
        action: verb,
        node: node.uuid,
        state: node.provision_state,
        hint: '',
      });
    }
    if (verbsWithoutFlow.has(verb)) {
      throw registeredError('NotImplemented', { verb, node: node.uuid });
    }
    if (node.maintenance && refusedInMaintenance.has(verb)) {
      throw registeredError('NodeInMaintenance', {
        op: verb,
        node: node.uuid,
        reason: node.maintenance_reason ?? 'none',
      });
    }
    if (verb === 'abort') {
      return context.locks.alone(node, async () => {
        const run = await unfinishedRunOf(context.store.read, node.id, 'provision');
        if (run !== undefined) {
          await engine.abort(run);
        }
      });
    }
    await context.locks.alone(node, (free) => work(free, request));
  }

  async function work(node: Node, request: ProvisionRequest): Promise<void> {
    const { verb, requester } = request;
    const { event } = verbs[verb];
    const move = async (progress: Progress) => {
      await moveState(progress, event);
      change(progress, {
        target_provision_state: provisionStates[progress.node.provision_state].target,
        last_error: null,
      });
    };
    switch (verb) {
      case 'manage':
        if (node.provision_state === 'enroll') {
          return begin(node, flows.verify, {}, requester, move);
        }
        return moveOnly(node, 'manage', requester);
      case 'provide':
        if (node.retired) {
          throw registeredError('InvalidParameterValue', {
            reason: `Node ${node.uuid} is retired, so it can not become available. Clear the retired flag first.`,
          });
        }
        if (automatedCleaningApplies(node, context.config())) {
          await checkPower(node);
        }
        return begin(node, flows.clean, {}, requester, move);
      case 'clean':
        await checkPower(node);
        return begin(
          node,
          flows.clean,
          { clean_steps: request.cleanSteps ?? [], disable_ramdisk: request.disableRamdisk ?? false },
          requester,
          async (progress) => {
            await move(progress);
            change(progress, { target_provision_state: 'manageable' });
          },
        );
      case 'active':
      case 'deploy':
      case 'rebuild':
        return deploy(node, request);
      case 'deleted':
      case 'undeploy':
        return begin(node, flows['tear-down'], {}, requester, async (progress) => {
          await supersede(progress);
          await move(progress);
        });
      default:
        throw registeredError('NotImplemented', { verb, node: node.uuid });
    }
  }

  /** Cleaning powers the machine: what is missing for that is said before anything begins. */
  async function checkPower(node: Node): Promise<void> {
    const { task } = await validationTask(context, node);
    await task.interfaces.power.validate(task);
    await task.interfaces.network.validate(task);
  }

  async function power(request: PowerRequest): Promise<void> {
    const { target, timeoutSeconds, requester } = request;
    await context.locks.alone(request.node, async (node) => {
      const { task } = await validationTask(context, node);
      if (!task.interfaces.power.supportedTargets.includes(target)) {
        throw registeredError('UnsupportedDriverExtension', {
          interface: 'power',
          implementation: task.interfaces.power.name,
          node: node.uuid,
          extension: `the power target "${target}"; it takes: ${task.interfaces.power.supportedTargets.join(', ')}`,
        });
      }
      if (node.disable_power_off && (target === 'power off' || target === 'soft power off')) {
        throw registeredError('PowerStateFailure', {
          node: node.uuid,
          pstate: target,
          reason: 'powering off is disabled for this node (disable_power_off).',
        });
      }
      await task.interfaces.power.validate(task);
      const runArguments = { target, ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }) };
      await begin(node, flows.power, runArguments, requester, async (progress) => {
        const isFailed = progress.node.provision_state.endsWith('failed');
        change(progress, {
          target_power_state: powerTargets[target].end,
          ...(isFailed ? {} : { last_error: null }),
        });
      });
    });
  }

  return { provision, power };
}
