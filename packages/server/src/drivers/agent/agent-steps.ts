// Runs the steps that the agent itself offers: asks for them, executes them, finds them again after a crash.
import type {
  AgentStep,
  CommandResult,
  HardwareManagerVersion,
  JsonObject,
  StepDescription,
  StepsByManager,
} from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import type { AgentStepKind, AgentStepRunner, Facts, StepArguments, Task } from '../kit/index.ts';
import { agentClient } from './client.ts';
import { type AgentCommand, followCommand, probeCommand, startCommand } from './command.ts';
import { nodeForAgent, portsForAgent } from './node-for-agent.ts';

/** Priorities that the configuration sets, whatever the agent says. */
function priorityOf(step: AgentStep, kind: AgentStepKind, config: Config): number {
  const { erase_devices_priority, erase_devices_metadata_priority } = config.deploy;
  const overrides: Readonly<Record<string, number | null>> = {
    erase_devices: erase_devices_priority,
    erase_devices_metadata: erase_devices_metadata_priority,
  };
  const override = kind === 'clean' && step.interface === 'deploy' ? overrides[step.step] : null;
  return override ?? step.priority;
}

function describe(step: AgentStep, kind: AgentStepKind, config: Config): StepDescription {
  return {
    interface: step.interface,
    step: step.step,
    priority: priorityOf(step, kind, config),
    abortable: step.abortable ?? false,
    requires_ramdisk: step.requires_ramdisk ?? true,
    argsinfo: step.argsinfo ?? null,
    recovery: step.recovery ?? 'probe',
  };
}

/** One step of each name; agents list the manager that knows the hardware best first. */
export function describeSteps(byManager: StepsByManager, kind: AgentStepKind, config: Config): StepDescription[] {
  const steps = new Map<string, StepDescription>();
  for (const step of Object.values(byManager).flat()) {
    const name = `${step.interface}.${step.step}`;
    if (!steps.has(name)) {
      steps.set(name, describe(step, kind, config));
    }
  }
  return [...steps.values()];
}

/** The command that runs one step. */
export function stepCommand(
  task: Task,
  kind: AgentStepKind,
  step: { interface: string; step: string },
  args: StepArguments,
): AgentCommand {
  const version = task.node.driver_internal_info.hardware_manager_version ?? null;
  return {
    name: `${kind}.execute_${kind}_step`,
    what: `${step.interface}.${step.step}`,
    step: step.step,
    params: {
      step: { interface: step.interface, step: step.step, args: { ...args } },
      node: nodeForAgent(task),
      ports: portsForAgent(task),
      [`${kind}_version`]: version,
    },
    learn: (result) => factsOf(step, result[`${kind}_result`]),
  };
}

/** RAID steps tell the configuration that they made. */
function factsOf(step: { interface: string; step: string }, result: unknown): Facts {
  const isRaid = step.interface === 'raid' && /^(create|apply)_configuration$/.test(step.step);
  return isRaid && typeof result === 'object' && result !== null
    ? { raid_config: { ...result, last_updated: new Date().toISOString() } }
    : {};
}

/** The answer to get_clean_steps or get_deploy_steps. */
function readSteps(
  result: CommandResult,
  kind: AgentStepKind,
  url: string,
): { steps: StepsByManager; version: HardwareManagerVersion } {
  const answer = result.command_result as JsonObject | null;
  const steps = answer?.[`${kind}_steps`];
  if (result.command_status !== 'SUCCEEDED' || typeof steps !== 'object' || steps === null) {
    throw new Error(
      `The agent at ${url} did not name its ${kind} steps: ${JSON.stringify(result.command_error ?? answer).slice(0, 500)}`,
    );
  }
  const version = answer?.hardware_manager_version;
  return {
    steps: steps as StepsByManager,
    version: typeof version === 'object' && version !== null ? (version as HardwareManagerVersion) : {},
  };
}

export const agentSteps: AgentStepRunner = {
  async discover(task, kind) {
    const client = agentClient(task);
    const params = { node: nodeForAgent(task), ports: portsForAgent(task) };
    const result = await client.post({ name: `${kind}.get_${kind}_steps`, params, wait: true });
    const { steps, version } = readSteps(result, kind, client.url);
    const described = describeSteps(steps, kind, task.config);
    task.record({
      kind: 'agent',
      message: `The agent at ${client.url} offers ${described.length} ${kind} steps.`,
      data: { steps: described.map((step) => `${step.interface}.${step.step}`), hardware_manager_version: version },
    });
    return { agent_steps: described, driver_internal_info: { hardware_manager_version: version } };
  },
  execute: (task, kind, step, args) => startCommand(task, stepCommand(task, kind, step, args)),
  resume: (task, kind, step) => followCommand(task, stepCommand(task, kind, step, {})),
  probe: (task, kind, step) => probeCommand(task, stepCommand(task, kind, step, {})),
};
