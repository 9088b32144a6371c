// The extensions clean, deploy and service: they tell the server the steps of this agent and run them.
import type { JsonObject, StepToExecute } from '@wrought/contract';
import { toFailure } from '../errors.ts';
import { isJsonObject, requireObject, requireText, toNode } from '../params.ts';
import { checkVersion, describeSteps, executeStep, HARDWARE_MANAGER_VERSION, type StepKind } from '../steps.ts';
import { type AgentContext, asynchronous, type Extension, synchronous } from './extension.ts';

/** The words before the reason when a step fails, as Ironic's agent has them. */
const FAILURE = {
  clean: { type: 'CleaningError', prefix: 'Error performing clean step' },
  deploy: { type: 'DeploymentError', prefix: 'Error performing deploy step' },
  service: { type: 'CommandExecutionError', prefix: 'Error performing service step' },
} as const;

function toStep(params: JsonObject): StepToExecute {
  const step = requireObject(params, 'step');
  const args = isJsonObject(step.args) ? step.args : {};
  const interfaceName = typeof step.interface === 'string' ? step.interface : 'deploy';
  return { ...step, step: requireText(step, 'step'), interface: interfaceName, args };
}

function createStepExtension(kind: StepKind, agent: AgentContext): Extension {
  return {
    name: kind,
    commands: {
      [`get_${kind}_steps`]: synchronous(async () => ({
        [`${kind}_steps`]: describeSteps(kind),
        hardware_manager_version: HARDWARE_MANAGER_VERSION,
      })),
      [`execute_${kind}_step`]: asynchronous(async (params, job) => {
        checkVersion(params[`${kind}_version`]);
        const step = toStep(params);
        const node = toNode(params.node);
        try {
          const result = await executeStep(kind, step, { agent, node, job });
          return { [`${kind}_step`]: params.step, [`${kind}_result`]: result ?? null };
        } catch (error) {
          throw toFailure(error, FAILURE[kind].type, `${FAILURE[kind].prefix} ${step.step}: `);
        }
      }),
    },
  };
}

/** `clean.get_clean_steps`, `clean.execute_clean_step`. */
export const cleanExtension = (agent: AgentContext): Extension => createStepExtension('clean', agent);
/** `deploy.get_deploy_steps`, `deploy.execute_deploy_step`. */
export const deployExtension = (agent: AgentContext): Extension => createStepExtension('deploy', agent);
/** `service.get_service_steps`, `service.execute_service_step`. */
export const serviceExtension = (agent: AgentContext): Extension => createStepExtension('service', agent);
