// A step of a node that is carried out on its children, one after the other, each reserved for it.
import { type Node, type PowerTarget, registeredError } from '@wrought/contract';
import { done, fail, type Outcome, type ProbeAnswer } from '../../drivers/kit/index.ts';
import { stepName } from '../../store/journal.ts';
import { childNodesOf } from '../../store/nodes.ts';
import type { PlannedStep } from '../../store/runs.ts';
import type { Flow } from '../flow.ts';
import type { EngineContext } from './context.ts';
import { powerFamily } from './family-power.ts';
import { reservedTask } from './node-task.ts';
import { type Runnable, runnable } from './runnable.ts';

interface ChildStep {
  readonly child: Node;
  readonly step: Runnable;
}

async function stepsOfChildren(
  context: EngineContext,
  node: Node,
  flow: Flow,
  planned: PlannedStep,
): Promise<readonly ChildStep[]> {
  const all = await childNodesOf(context.store.read, node.uuid);
  const chosen =
    planned.children === 'all' ? all : all.filter((child) => planned.children?.includes(child.uuid) === true);
  const { children: _, ...ofChild } = planned;
  return chosen.map((child) => {
    const step = runnable(flow, ofChild, context.interfacesOf(child));
    if (step === undefined) {
      throw registeredError('InvalidParameterValue', {
        reason: `The child node ${child.uuid} has no ${flow.kind} step "${stepName(planned)}".`,
      });
    }
    return { child, step };
  });
}

/** The step as one of the parent; after a crash the most careful recovery of all children counts. */
export async function childrenStep(
  context: EngineContext,
  node: Node,
  flow: Flow,
  planned: PlannedStep,
  abortSignal: AbortSignal,
): Promise<Runnable> {
  /** Runs `work` for each child in turn. Throws at the first one that does not get it done. */
  async function each(
    key: string,
    work: (step: Runnable, task: Parameters<Runnable['execute']>[0]) => Promise<Outcome>,
  ): Promise<void> {
    for (const { child, step } of await stepsOfChildren(context, node, flow, planned)) {
      const purpose = `${stepName(planned)} for its parent ${node.uuid}`;
      const options = {
        abortSignal,
        idempotencyKey: `${key}/${child.uuid}`,
        beforePower: (target: PowerTarget) => powerFamily(context, child, target),
      };
      await reservedTask(
        context,
        child,
        purpose,
        async ({ task }) => {
          const outcome = await work(step, task);
          if (outcome.kind !== 'done') {
            const reason =
              outcome.kind === 'fail' ? outcome.reason : 'it does not end at once, as steps on children must';
            throw registeredError('InvalidState', {
              reason: `The step ${stepName(planned)} failed on the child node ${child.uuid}: ${reason}`,
            });
          }
          task.learn(outcome.facts);
        },
        options,
      );
    }
  }

  const recoveries = (await stepsOfChildren(context, node, flow, planned).catch(() => [])).map(
    ({ step }) => step.recovery,
  );
  return {
    recovery: recoveries.includes('never') ? 'never' : recoveries.includes('probe') ? 'probe' : 'repeat',
    abortable: false,
    async execute(task) {
      await each(task.idempotencyKey, (step, ofChild) => step.execute(ofChild));
      return done();
    },
    resume: async () => fail(`The step ${stepName(planned)} on child nodes never waits.`),
    async probe(task): Promise<ProbeAnswer> {
      await each(task.idempotencyKey, async (step, ofChild) => {
        const answer = step.recovery === 'probe' ? await step.probe(ofChild) : 'not happened';
        return answer === 'not happened' ? step.execute(ofChild) : answer;
      });
      return done();
    },
  };
}
