// The registry of steps that the harness must cover, read from the flows and the drivers themselves.
import type { Recovery, StepKind } from '@wrought/contract';
import { createCatalog } from '../../src/drivers/catalog.ts';
import { flows } from '../../src/flows/index.ts';
import { reservedSteps } from '../../src/flows/reserved-steps.ts';
import { harnessConfig, harnessDrivers } from './harness-conductor.ts';
import { agentSteps } from './recorder-agent.ts';

export interface RegisteredStep {
  readonly flow: string;
  readonly step: string;
  /** What carries it out: "flow", "reserved", the name of an interface implementation, or "agent". */
  readonly by: string;
  readonly recovery: Recovery;
}

/** "clean raid.build_never (recorder)": how a step is named in tests and counted. */
export function labelOf({ flow, step, by }: Pick<RegisteredStep, 'flow' | 'step' | 'by'>): string {
  return `${flow} ${step} (${by})`;
}

/** Every step of every flow: the flows' own, those of all enabled interfaces, the reserved ones, and those that the agent offers. */
export async function registeredSteps(): Promise<readonly RegisteredStep[]> {
  const config = harnessConfig('/nonexistent', []);
  const catalog = createCatalog(await harnessDrivers(config, 'http://127.0.0.1:1'), config);
  const flowOfKind = new Map<StepKind, string>();
  const steps: RegisteredStep[] = [];
  for (const flow of Object.values(flows)) {
    if (flow.kind !== null) {
      flowOfKind.set(flow.kind, flow.name);
    }
    for (const { interface: kind, step, recovery } of flow.steps) {
      steps.push({ flow: flow.name, step: `${kind}.${step}`, by: 'flow', recovery });
    }
  }
  for (const implementation of catalog.all()) {
    for (const { interface: kind, step, kinds, recovery } of implementation.steps ?? []) {
      for (const flow of kinds.map((each) => flowOfKind.get(each)).filter((each) => each !== undefined)) {
        steps.push({ flow, step: `${kind}.${step}`, by: implementation.name, recovery });
      }
    }
  }
  for (const { interface: kind, step, kinds, recovery } of reservedSteps) {
    for (const flow of kinds.map((each) => flowOfKind.get(each)).filter((each) => each !== undefined)) {
      steps.push({ flow, step: `${kind}.${step}`, by: 'reserved', recovery });
    }
  }
  for (const kind of ['clean', 'deploy', 'service'] as const) {
    for (const { interface: name, step, recovery } of agentSteps[kind]) {
      steps.push({ flow: kind, step: `${name}.${step}`, by: 'agent', recovery: recovery ?? 'probe' });
    }
  }
  return steps;
}
