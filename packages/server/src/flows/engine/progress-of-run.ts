// How a run moves on: from an outcome to the next step, the next phase or the end, all in the transaction of the outcome.

import { randomUUID } from 'node:crypto';
import { isRegisteredError, type JsonObject, type Node } from '@wrought/contract';
import type { Facts } from '../../drivers/kit/index.ts';
import { appendHistory, appendTimeline } from '../../store/evidence.ts';
import { dropSignals, settleIntents, stepName, writeIntent, writeJournal } from '../../store/journal.ts';
import { mergeObject, updateNode } from '../../store/nodes.ts';
import { type BegunBy, insertRun, type Phase, type Run } from '../../store/runs.ts';
import { now } from '../../store/time.ts';
import type { Conclusion, Flow } from '../flow.ts';
import { flows } from '../index.ts';
import { applyTableFacts, changesOfFacts } from './apply-facts.ts';
import type { EngineContext } from './context.ts';
import { recordOfAction } from './events.ts';
import { change, changeRun, moveState, type Progress } from './progress.ts';
import { queueIfFull } from './queue-run.ts';

const following: Readonly<Record<Phase, Phase | null>> = {
  prepare: 'steps',
  steps: 'conclude',
  'agent steps': 'conclude',
  conclude: null,
  failure: null,
};

/** Applies facts to node, ports and the memory of the run. */
export async function applyFacts(progress: Progress, facts: Facts): Promise<void> {
  change(progress, changesOfFacts(progress.node, facts));
  await applyTableFacts(progress.trx, progress.node.id, facts);
  const memory = {
    ...facts.memory,
    ...(facts.agent_steps === undefined ? {} : { agent_steps: facts.agent_steps }),
  };
  if (Object.keys(memory).length > 0) {
    await changeRun(progress, { memory: mergeObject(progress.run.memory, memory) });
  }
}

/** Leaves the waiting or the hold state when the node is in it. */
export async function leaveWaiting(progress: Progress): Promise<void> {
  if (progress.flow.holding !== null && progress.node.provision_state === progress.flow.holding) {
    await moveState(progress, 'unhold');
  }
  if (progress.flow.waiting !== null && progress.node.provision_state === progress.flow.waiting) {
    await moveState(progress, 'resume');
  }
}

function history(progress: Progress, severity: 'ERROR' | 'INFO', event: string): Promise<void> {
  return appendHistory(progress.trx, progress.node, {
    severity,
    event_type: progress.flow.eventType,
    event,
    conductor: progress.context.lease.hostname,
    user: progress.run.requested_by,
    project: progress.run.requested_by_project,
  });
}

/** Plans a phase; what cannot be planned is the reason of a failure. */
function planPhase(progress: Progress, phase: Phase) {
  const { context, flow, node, run } = progress;
  const agentSteps = run.memory.agent_steps;
  return flow.plan(phase, {
    node,
    run,
    interfaces: context.interfacesOf(node),
    config: context.config(),
    agentSteps: Array.isArray(agentSteps) ? agentSteps : undefined,
  });
}

/** Shows the plan on the node, as clients of the API know it. */
function showPlan(progress: Progress): void {
  const { flow, run } = progress;
  if (flow.stepField !== null && run.phase !== 'prepare' && run.phase !== 'conclude' && run.phase !== 'failure') {
    const shown = run.plan.map(({ interface: kind, step, priority, args }) => ({
      interface: kind,
      step,
      priority,
      args,
    }));
    change(progress, {
      driver_internal_info: mergeObject(progress.node.driver_internal_info, { [`${flow.kind}_steps`]: shown }),
    });
  }
}

/** Shows the present step on the node. */
function showStep(progress: Progress): void {
  const { flow, run } = progress;
  const step = run.plan[run.position];
  if (flow.stepField !== null && step !== undefined && step.interface !== 'flow') {
    const { interface: kind, step: name, priority, args } = step;
    change(progress, {
      [flow.stepField]: { interface: kind, step: name, priority, args },
      driver_internal_info: mergeObject(progress.node.driver_internal_info, {
        [`${flow.kind}_step_index`]: run.position,
      }),
    });
  }
}

/** Begins the step at the run's position: intent, node fields and timeline, all before its effect. */
async function beginStep(progress: Progress): Promise<void> {
  const { trx, run, context } = progress;
  const step = run.plan[run.position];
  if (step === undefined) {
    return;
  }
  await writeIntent(trx, run, context.lease.epoch);
  showStep(progress);
  await appendTimeline(trx, progress.node.id, [
    {
      kind: 'step',
      message: `${progress.flow.name}: ${stepName(step)} begins`,
      data: { step: stepName(step), phase: run.phase },
    },
  ]);
}

/** Enters a phase; an empty one leads on to the next. Ends the run when none is left. */
export async function enterPhase(progress: Progress, phase: Phase): Promise<void> {
  let plan: Run['plan'];
  try {
    plan = planPhase(progress, phase);
  } catch (error) {
    if (!isRegisteredError(error)) {
      throw error;
    }
    if (phase === 'failure') {
      plan = [];
    } else {
      await failRun(progress, error.message);
      return;
    }
  }
  await changeRun(progress, { phase, plan, position: 0, attempt: 1 });
  if (plan.length > 0) {
    await writeJournal(progress.trx, progress.run, 'planned', { plan: plan.map(stepName) });
    showPlan(progress);
    await beginStep(progress);
    return;
  }
  await leavePhase(progress);
}

async function leavePhase(progress: Progress): Promise<void> {
  const next = following[progress.run.phase];
  if (next !== null) {
    await enterPhase(progress, next);
  } else {
    await endRun(progress);
  }
}

/** Goes on to the next step of the plan, the next phase, or the end. */
export async function nextStep(progress: Progress): Promise<void> {
  const { run, flow } = progress;
  if (run.abort_requested && run.phase !== 'failure' && run.phase !== 'conclude') {
    await failRun(progress, abortText(flow), { aborted: true });
    return;
  }
  const position = run.position + 1;
  if (position < run.plan.length) {
    await changeRun(progress, { position, attempt: 1 });
    await beginStep(progress);
  } else {
    await leavePhase(progress);
  }
}

/** The words that an aborted flow leaves. */
export function abortText(flow: Flow): string {
  return `The ${flow.name} operation was aborted by request.`;
}

/** Turns the run to its failure steps; its node shows the reason from now on. */
export async function failRun(progress: Progress, reason: string, memory: JsonObject = {}): Promise<void> {
  const { run, flow, node, trx } = progress;
  if (run.phase === 'failure') {
    await changeRun(progress, {
      failure: `${run.failure ?? ''} While cleaning up: ${reason}`,
      memory: mergeObject(run.memory, { clean_up_failed: true }),
    });
    change(progress, { last_error: progress.run.failure });
    await nextStep(progress);
    return;
  }
  const ranStep = run.plan[run.position]?.interface !== 'flow' && run.phase !== 'prepare';
  await changeRun(progress, {
    failure: reason,
    memory: mergeObject(run.memory, {
      ...memory,
      ...(ranStep && flow.kind !== null ? { [`${flow.kind}_step_ran`]: true } : {}),
    }),
  });
  await writeJournal(trx, run, 'failed', { reason });
  await history(progress, 'ERROR', reason);
  await appendTimeline(trx, node.id, [
    { kind: 'failure', severity: 'error', message: reason, data: { flow: flow.name, phase: run.phase } },
  ]);
  change(progress, { last_error: reason });
  await leaveWaiting(progress);
  await enterPhase(progress, 'failure');
}

async function endRun(progress: Progress): Promise<void> {
  const { flow, context, trx } = progress;
  const config = context.config();
  const isFailure = progress.run.failure !== null;
  const conclusion: Conclusion = isFailure
    ? flow.failed(progress.node, progress.run, config)
    : flow.succeeded(progress.node, progress.run, config);
  if (!isFailure && flow.stepFlow !== null) {
    await history(progress, 'INFO', `${flow.stepFlow(progress.run)}_end`);
  }
  for (const event of conclusion.events) {
    await moveState(progress, event);
  }
  change(progress, conclusion.changes);
  if (flow.stepField !== null && !isFailure) {
    change(progress, {
      [flow.stepField]: {},
      driver_internal_info: mergeObject(progress.node.driver_internal_info, {
        [`${flow.kind}_steps`]: null,
        [`${flow.kind}_step_index`]: null,
      }),
    });
  }
  await changeRun(progress, { status: 'finished', finished_at: now(), awaiting: null, deadline: null });
  await writeJournal(trx, progress.run, 'finished', { failure: progress.run.failure });
  await recordOfAction(progress, isFailure ? 'error' : 'end');
  change(progress, { reservation: null, reserved_at: null, reserved_for: null });
  if (conclusion.next !== undefined) {
    const followUp = await startRun(progress, flows[conclusion.next.flow], conclusion.next.arguments, {
      isFollowUp: true,
    });
    progress.followUp = followUp.followUp ?? followUp.run;
  }
}

/** From where the machine will fetch its image; null for work that brings none. */
function imageServerOf(context: EngineContext, flow: Flow, node: Node): string | null {
  return flow.limitClass === 'deploy'
    ? (context.interfacesOf(node).deploy.imageServer?.(node, context.config()) ?? null)
    : null;
}

/**
 * Inserts a run for the progress's node and enters its first phase, or lets it wait in line; the node is reserved by it unless
 * it waits. `isFollowUp`: it goes on with the work of a run that ends in the same transaction.
 */
export async function startRun(
  progress: Pick<Progress, 'context' | 'trx' | 'node' | 'changes'> & {
    run: BegunBy | null;
  },
  flow: Flow,
  runArguments: JsonObject,
  options: { readonly isFollowUp?: boolean } = {},
): Promise<Progress> {
  const { context, trx } = progress;
  const completed = await flow.completeArguments?.(trx, progress.node, runArguments, context.config());
  const run = await insertRun(trx, {
    uuid: randomUUID(),
    node_id: progress.node.id,
    flow: flow.name,
    lane: flow.lane,
    limit_class: flow.limitClass,
    image_server: imageServerOf(context, flow, progress.node),
    conductor: context.lease.hostname,
    epoch: context.lease.epoch,
    arguments: completed ?? runArguments,
    plan: [],
    phase: 'prepare',
    request_id: progress.run?.request_id ?? null,
    requested_by: progress.run?.requested_by ?? null,
    requested_by_project: progress.run?.requested_by_project ?? null,
    trace: context.tracing?.placeOfRun(progress.run?.trace ?? null) ?? null,
  });
  const started: Progress = { context, trx, flow, run, node: progress.node, changes: progress.changes };
  change(started, { reservation: context.lease.hostname, reserved_at: now(), reserved_for: flow.name });
  if (flow.lane === 'provision') {
    // A sign of an agent of an earlier run says nothing about this one.
    await dropSignals(trx, progress.node.id);
  }
  await writeJournal(trx, run, 'started', { arguments: Object.keys(runArguments) });
  await recordOfAction(started, 'start');
  if (flow.stepFlow !== null) {
    await history(started, 'INFO', `${flow.stepFlow(run)}_start`);
  }
  if (!(await queueIfFull(started, options.isFollowUp === true))) {
    await enterPhase(started, 'prepare');
  }
  progress.changes = started.changes;
  progress.node = started.node;
  return started;
}

/** Settles what the outcome of a step leaves open and writes the node; the transaction ends after it. */
export async function writeProgress(progress: Progress): Promise<void> {
  if (Object.keys(progress.changes).length > 0) {
    const written = await updateNode(progress.trx, progress.node, progress.changes);
    if (written === undefined) {
      throw new Error(`Node ${progress.node.uuid} changed inside the transaction that was writing it.`);
    }
    progress.node = written;
    progress.changes = {};
  }
}

/** Settles the intents of the run: called when an outcome is known, before the next step writes its own. */
export function settle(progress: Progress): Promise<void> {
  return settleIntents(progress.trx, progress.run.id);
}
