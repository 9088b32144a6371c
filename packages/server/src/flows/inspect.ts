// Inspect: the inspect interface finds out what hardware the machine has.
import {
  done,
  type Facts,
  fail,
  mergeFacts,
  type Outcome,
  step,
  supportedInterface,
  type Task,
} from '../drivers/kit/index.ts';
import { InspectionFailure } from '../inspection/hooks/hook.ts';
import { bootCards, runInspectionHooks } from '../inspection/hooks/index.ts';
import type { PlannedStep } from '../store/runs.ts';
import { now } from '../store/time.ts';
import { type Flow, ownStep } from './flow.ts';

/** The rules of the operator run over what the ramdisk told; the engine carries it out, for it needs the store. */
const runInspectionRules: PlannedStep = {
  interface: 'flow',
  step: 'run_inspection_rules',
  priority: 0,
  args: {},
  source: 'inspection rules',
};

/** Runs the hooks over what a BMC told, as the door of the agents does over what a ramdisk told. */
function withFindings(outcome: Outcome, { config }: Task): Outcome {
  if (outcome.kind !== 'done' || outcome.facts.inspection === undefined) {
    return outcome;
  }
  const { inventory, plugin_data: pluginData } = outcome.facts.inspection;
  try {
    const finding = runInspectionHooks({
      inventory,
      pluginData,
      physicalNetworks: config.inspector.physical_network_cidr_map,
    });
    const facts: Facts = {
      properties: finding.properties,
      new_ports: bootCards(finding).map((address) => ({ address })),
      found_ports: finding.ports,
      memory: { inspection_received: true },
    };
    return done(mergeFacts(outcome.facts, facts));
  } catch (error) {
    if (error instanceof InspectionFailure) {
      return fail(error.message);
    }
    throw error;
  }
}

const inspectHardware = step({
  interface: 'flow',
  step: 'inspect_hardware',
  kinds: [],
  recovery: 'repeat',
  abortable: true,
  execute: async (task) => withFindings(await supportedInterface(task, 'inspect').inspect(task), task),
  resume: async (task, _args, signal) => supportedInterface(task, 'inspect').resume?.(task, signal) ?? done(),
});

const abortInspection = step({
  interface: 'flow',
  step: 'abort_inspection',
  kinds: [],
  recovery: 'repeat',
  execute: async (task) => done((await supportedInterface(task, 'inspect').abort?.(task)) ?? {}),
});

export const inspect: Flow = {
  name: 'inspect',
  lane: 'provision',
  limitClass: null,
  kind: null,
  eventType: 'introspection',
  stepFlow: null,
  running: 'inspecting',
  waiting: 'inspect wait',
  holding: null,
  stepField: null,
  steps: [inspectHardware, abortInspection],
  plan(phase, { run: { memory } }) {
    switch (phase) {
      case 'prepare':
        return [ownStep(inspectHardware)];
      case 'steps':
        return memory.inspection_received === true ? [runInspectionRules] : [];
      case 'failure':
        // When the rules run, the machine is out of the ramdisk.
        return memory.inspection_rules_began === true ? [] : [ownStep(abortInspection)];
      default:
        return [];
    }
  },
  callbackTimeoutSeconds: (config) => config.conductor.inspect_wait_timeout,
  succeeded: () => ({
    events: ['done'],
    changes: {
      target_provision_state: null,
      last_error: null,
      inspection_started_at: null,
      inspection_finished_at: now(),
    },
  }),
  failed: (_node, run) => ({
    events: ['fail'],
    changes: { target_provision_state: 'manageable', last_error: run.failure, inspection_started_at: null },
  }),
};
