// The door through which work begins: checks what the conductor's side knows of a verb, then begins its flow.
import {
  type Node,
  nextState,
  provisionStates,
  registeredError,
  SECRET_MASK,
  verbs,
  verbsRefusedInMaintenance,
} from '@wrought/contract';
import { supportedInterface, unsupported } from '../drivers/kit/index.ts';
import { unfinishedRunOf } from '../store/runs.ts';
import { now } from '../store/time.ts';
import { createBeginnings } from './beginnings.ts';
import { automatedCleaningApplies } from './clean.ts';
import type { ProvisionRequest, StartDoor } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import type { Engine } from './engine/engine.ts';
import { nodeTask } from './engine/node-task.ts';
import { change, moveState, type Progress } from './engine/progress.ts';
import { flows } from './index.ts';
import { shaCrypt } from './sha-crypt.ts';
import { createActionStart } from './start-actions.ts';
import { createDeployStart } from './start-deploy.ts';
import { createPowerStart } from './start-power.ts';

/** Makes the door. */
export function createStartDoor(context: EngineContext, engine: Engine): Omit<StartDoor, 'allocate'> {
  const beginnings = createBeginnings(context, engine);
  const { begin, moveOnly, supersede } = beginnings;
  const deploy = createDeployStart(context, beginnings);

  /** Throws when the verb can not be done in the state of the node. */
  function check(node: Node, verb: ProvisionRequest['verb']): void {
    if (nextState(node.provision_state, verbs[verb].event) === undefined) {
      throw registeredError('InvalidStateRequested', {
        action: verb,
        node: node.uuid,
        state: node.provision_state,
        hint: '',
      });
    }
    if (node.maintenance && verbsRefusedInMaintenance.has(verb)) {
      throw registeredError('NodeInMaintenance', {
        op: verb,
        node: node.uuid,
        reason: node.maintenance_reason ?? 'none',
      });
    }
  }

  async function provision(request: ProvisionRequest): Promise<void> {
    const { node, verb } = request;
    check(node, verb);
    await context.locks.alone(node, (free) => {
      // Another request may have been faster.
      check(free, verb);
      return work(free, request);
    });
  }

  async function abort(node: Node, request: ProvisionRequest): Promise<void> {
    if (node.provision_state === 'service failed') {
      if (node.maintenance) {
        throw registeredError('InvalidState', {
          reason: `Node ${node.uuid} is in maintenance, so its failed servicing can not be aborted. Clear the maintenance flag first. Reason given: ${node.maintenance_reason ?? 'none'}`,
        });
      }
      return begin(node, flows['abort-service'], {}, request.requester, async () => {});
    }
    if (node.provision_state === 'inspect wait') {
      const { task } = await nodeTask(context, node);
      const inspect = supportedInterface(task, 'inspect');
      if (inspect.abort === undefined) {
        throw unsupported(node, inspect, 'abort');
      }
    }
    const run = await unfinishedRunOf(context.store.read, node.id, 'provision');
    if (run !== undefined) {
      await engine.abort(run);
    }
  }

  async function unhold(node: Node, { requester }: ProvisionRequest): Promise<void> {
    await moveOnly(node, 'unhold', requester);
    await engine.signal(node.id, { kind: 'unhold', payload: {} });
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
      case 'service':
        await checkPower(node);
        return begin(
          node,
          flows.service,
          { service_steps: request.serviceSteps ?? [], disable_ramdisk: request.disableRamdisk ?? false },
          requester,
          async (progress) => {
            await supersede(progress);
            await move(progress);
          },
        );
      case 'inspect': {
        const { task } = await nodeTask(context, node);
        await task.interfaces.power.validate(task);
        await supportedInterface(task, 'inspect').validate(task);
        return begin(node, flows.inspect, {}, requester, async (progress) => {
          await move(progress);
          change(progress, { inspection_started_at: now(), inspection_finished_at: null });
        });
      }
      case 'adopt':
        return begin(node, flows.adopt, {}, requester, move);
      case 'rescue': {
        const { task } = await nodeTask(context, node);
        await task.interfaces.power.validate(task);
        await supportedInterface(task, 'rescue').validate(task);
        const { rescuePassword: password = '' } = request;
        const { rescue_password_hash_algorithm: algorithm, require_rescue_password_hashed: isHashOnly } =
          context.config().conductor;
        const hashed = shaCrypt(password, algorithm);
        return begin(node, flows.rescue, {}, requester, async (progress) => {
          await move(progress);
          // Clients know both members; the password itself is kept only where an old agent may need it.
          change(progress, {
            instance_info: {
              ...progress.node.instance_info,
              rescue_password: isHashOnly ? SECRET_MASK : password,
              hashed_rescue_password: hashed,
            },
          });
        });
      }
      case 'unrescue': {
        const { task } = await nodeTask(context, node);
        await task.interfaces.power.validate(task);
        // What booting the ramdisk needs is no condition for leaving it.
        supportedInterface(task, 'rescue');
        return begin(node, flows.unrescue, {}, requester, move);
      }
      case 'active':
      case 'deploy':
      case 'rebuild':
        return deploy(node, request);
      case 'deleted':
      case 'undeploy':
        return begin(node, flows['tear-down'], { from: node.provision_state }, requester, async (progress) => {
          await supersede(progress);
          await move(progress);
        });
      case 'abort':
        return abort(node, request);
      case 'unhold':
        return unhold(node, request);
    }
  }

  /** Cleaning powers the machine: what is missing for that is said before anything begins. */
  async function checkPower(node: Node): Promise<void> {
    const { task } = await nodeTask(context, node);
    await task.interfaces.power.validate(task);
    await task.interfaces.network.validate(task);
  }

  return { provision, ...createPowerStart(context, beginnings), ...createActionStart(context, beginnings) };
}
