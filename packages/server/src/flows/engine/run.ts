// Drives one run: recover what a crash left open, run the present step, record its outcome, and on until it parks or ends.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '@wrought/contract';
import { FencedError } from '../../cluster/fenced-error.ts';
import {
  done,
  fail,
  isAgentStepKind,
  type NodeInterfaces,
  type Outcome,
  type ProbeAnswer,
  type Signal,
} from '../../drivers/kit/index.ts';
import { appendTimeline } from '../../store/evidence.ts';
import { hasOpenIntent, keepSignal, stepName, wasBegun, writeJournal } from '../../store/journal.ts';
import { findNodeById } from '../../store/nodes.ts';
import { findRun, type PlannedStep, type Run } from '../../store/runs.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';
import type { Flow, FlowName } from '../flow.ts';
import { flows } from '../index.ts';
import { childrenStep } from './children-step.ts';
import type { EngineContext } from './context.ts';
import { powerFamily } from './family-power.ts';
import { inspectionRulesStep } from './inspection-rules-step.ts';
import { restoreLocalState } from './local-state.ts';
import { nodeTask } from './node-task.ts';
import { NodeBusyError, type Recorded, recordOutcome, unparkRun, withProgress } from './outcome.ts';
import { change, changeRun } from './progress.ts';
import { abortText, failRun, settle } from './progress-of-run.ts';
import { leaveQueue } from './queue-run.ts';
import { type Runnable, runnable } from './runnable.ts';
import type { LearningTask } from './task.ts';
import { whenAvailable } from './when-available.ts';

/** Tries to store an outcome before the run fails for it, and the pause between them. */
const STORE_ATTEMPTS = 3;
const STORE_PAUSE_MILLISECONDS = 200;

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Present {
  readonly run: Run;
  readonly node: Node;
  readonly flow: Flow;
  readonly planned: PlannedStep;
  readonly step: Runnable;
  readonly learning: LearningTask;
}

interface Callable {
  readonly node: Node;
  readonly flow: Flow;
  readonly planned: PlannedStep;
  readonly interfaces: NodeInterfaces;
  readonly abortSignal: AbortSignal;
}

/** What carries the step out; undefined when the drivers of the node do not offer it any more. */
async function runnableOf(context: EngineContext, callable: Callable): Promise<Runnable | undefined> {
  const { node, flow, planned, interfaces, abortSignal } = callable;
  if (planned.source === 'inspection rules') {
    return inspectionRulesStep(context);
  }
  return planned.children === undefined
    ? runnable(flow, planned, interfaces)
    : childrenStep(context, node, flow, planned, abortSignal);
}

/** Everything that is needed to call the run's present step. */
async function present(context: EngineContext, run: Run, abortSignal: AbortSignal): Promise<Present | undefined> {
  const { store } = context;
  const node = await findNodeById(store.read, run.node_id);
  const planned = run.plan[run.position];
  if (node === undefined || planned === undefined) {
    return undefined;
  }
  const flow = flows[run.flow as FlowName];
  const interfaces = context.interfacesOf(node);
  const step = await runnableOf(context, { node, flow, planned, interfaces, abortSignal });
  if (step === undefined) {
    throw new Error(
      `The step ${stepName(planned)} of the plan is not offered by the drivers of node ${node.uuid} any more.`,
    );
  }
  const learning = await nodeTask(context, node, {
    abortSignal,
    idempotencyKey: `${run.uuid}/${run.phase}/${run.position}`,
    memory: run.memory,
    beforePower: (target) => powerFamily(context, node, target),
  });
  return { run, node, flow, planned, step, learning };
}

/** Calls one function of a step; an error that it throws is its failure, unless the server is stopping: then nothing is known. */
async function attempt(
  context: EngineContext,
  { run, node, planned, learning }: Present,
  call: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await call();
  } catch (error) {
    // A step that lost the database on its way may have had its effect: it is recovered like one that a crash cut off.
    if (error instanceof FencedError || error instanceof StoreUnavailableError || learning.task.abortSignal.aborted) {
      throw error;
    }
    context.log.warn(
      { node: node.uuid, request_id: run.request_id, step: stepName(planned), err: error },
      'A step failed.',
    );
    return fail(sentence(error));
  }
}

/** Runs the effect of the present step between its boundaries. */
async function effect(context: EngineContext, now: Present): Promise<Outcome> {
  await context.watchBoundary?.('before effect', now.run);
  if (now.step.recovery === 'never') {
    // The intent is as old as the end of the step before; only this entry tells a step that was tried from one that was not.
    await whenAvailable(context.log, now.node, now.learning.task.abortSignal, () =>
      context.store.transaction((trx) => writeJournal(trx, now.run, 'begun', { attempt: now.run.attempt })),
    );
  }
  await whenAvailable(context.log, now.node, now.learning.task.abortSignal, () => context.lease.assertHeld());
  const outcome = await attempt(context, now, () => now.step.execute(now.learning.task));
  await context.watchBoundary?.('after effect', now.run);
  return outcome;
}

/** Phases in which a machine boots from the server, or fetches its image. */
const phasesWithLocalState: ReadonlySet<Run['phase']> = new Set(['steps', 'agent steps']);

/**
 * Makes on this machine what an earlier conductor had on its own. Where that fails the step goes on, and fails with its own words
 * if it has to; the regular look tries again.
 */
async function takeLocalState(context: EngineContext, { run, node, learning }: Present): Promise<void> {
  if (!phasesWithLocalState.has(run.phase)) {
    return;
  }
  try {
    await restoreLocalState(learning.task, context.lease.hostname);
  } catch (error) {
    if (error instanceof FencedError || error instanceof StoreUnavailableError || learning.task.abortSignal.aborted) {
      throw error;
    }
    context.log.warn({ node: node.uuid, request_id: run.request_id, err: error }, 'Boot files could not be written.');
    learning.task.record({
      kind: 'boot',
      severity: 'warning',
      message: `The boot files could not be written on ${context.lease.hostname}: ${sentence(error)}`,
    });
  }
}

/** Decides about an effect that may have happened before this process took the run over. */
async function recover(context: EngineContext, now: Present): Promise<Outcome> {
  const { step, planned, learning } = now;
  if (context.config().conductor.on_restart === 'fail' && now.run.phase !== 'failure') {
    return fail(`The server stopped during ${stepName(planned)}, and conductor.on_restart is "fail".`);
  }
  if (step.recovery === 'never' && (await wasBegun(context.store.read, now.run))) {
    return fail(
      `The server stopped during ${stepName(planned)}, which must not run twice, and whether it was finished is not known. Look at the machine, then start again.`,
    );
  }
  if (step.recovery === 'probe') {
    const probed: { answer?: ProbeAnswer } = {};
    const outcome = await attempt(context, now, async () => {
      probed.answer = await step.probe(learning.task);
      return probed.answer === 'not happened' ? done() : probed.answer;
    });
    if (probed.answer !== 'not happened') {
      return outcome;
    }
  }
  return effect(context, now);
}

/** Asks the agent for its steps once it is up, so that the plan can be made with them. */
async function withAgentSteps(context: EngineContext, now: Present, outcome: Outcome): Promise<Outcome> {
  const agent = now.learning.task.interfaces.deploy.agent;
  const { kind } = now.flow;
  const isUp = (outcome.kind === 'done' && outcome.agentIsUp) || outcome.kind === 'replan';
  if (!isUp || agent === undefined || !isAgentStepKind(kind)) {
    return outcome;
  }
  now.learning.task.learn(outcome.facts);
  return attempt(context, now, async () => {
    now.learning.task.learn(await agent.discover(now.learning.task, kind));
    return outcome;
  });
}

/** How the loop goes on after an outcome. */
export interface Turn {
  readonly recorded: Recorded | undefined;
  readonly outcome: Outcome;
}

/** Stores an outcome; tries again when the store fails, for what the step did can not be done again. */
async function storeOutcome(context: EngineContext, now: Present, outcome: Outcome): Promise<Recorded | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await whenAvailable(context.log, now.node, now.learning.task.abortSignal, () =>
        recordOutcome(context, now.run, outcome, now.learning.learned()),
      );
    } catch (error) {
      if (error instanceof FencedError || error instanceof NodeBusyError || attempt >= STORE_ATTEMPTS) {
        throw error;
      }
      context.log.error({ node: now.node.uuid, attempt, err: error }, 'An outcome could not be stored; trying again.');
      await sleep(STORE_PAUSE_MILLISECONDS, undefined, { signal: now.learning.task.abortSignal });
    }
  }
}

async function record(context: EngineContext, now: Present, outcome: Outcome): Promise<Turn> {
  const complete = await withAgentSteps(context, now, outcome);
  const recorded = await storeOutcome(context, now, complete);
  await context.watchBoundary?.('after journal', now.run);
  return { recorded, outcome: complete };
}

/**
 * Takes a run over that another conductor, or an earlier process of this one, left. Answers the run as it is now; undefined
 * when somebody else was faster.
 */
export async function adoptRun(context: EngineContext, left: Run): Promise<Run | undefined> {
  const { hostname, epoch } = context.lease;
  let isAdopted = false;
  const recorded = await withProgress(
    context,
    left.id,
    async (progress) => {
      const { run, trx, node } = progress;
      if (run.conductor !== left.conductor || run.epoch !== left.epoch) {
        return;
      }
      isAdopted = true;
      await changeRun(progress, { conductor: hostname, epoch });
      if (node.reservation === run.conductor && run.status === 'running') {
        change(progress, { reservation: hostname });
      }
      await writeJournal(trx, run, 'recovered', { from_epoch: run.epoch, from_conductor: run.conductor });
      const what =
        run.conductor === hostname ? 'The server restarted' : `Conductor ${hostname} took over from ${run.conductor}`;
      await appendTimeline(trx, node.id, [
        {
          kind: 'recovery',
          message: `${what} during ${run.flow}; going on at ${run.phase} ${run.position + 1} of ${run.plan.length}.`,
        },
      ]);
    },
    true,
  );
  return isAdopted ? recorded?.run : undefined;
}

export interface TurnOptions {
  /** What woke the run, if it was parked. */
  readonly signal: Signal | undefined;
  /** Whether the effect of its step may have happened before this process took it over. */
  readonly recovering: boolean;
  readonly abortSignal: AbortSignal;
}

/** Calls the present step of a run once, as it stands in the store now, and records the answer; undefined when it has ended. */
export async function takeTurn(context: EngineContext, runId: number, options: TurnOptions): Promise<Turn | undefined> {
  const { signal } = options;
  const run = await findRun(context.store.read, runId);
  const now = run === undefined ? undefined : await present(context, run, options.abortSignal);
  if (run === undefined || now === undefined || run.status === 'finished' || run.status === 'queued') {
    return undefined;
  }
  if (run.conductor !== context.lease.hostname || run.epoch !== context.lease.epoch) {
    // Another conductor has taken it over.
    return undefined;
  }
  if (run.status === 'parked') {
    const heard = signal ?? { kind: 'poll', payload: {} };
    return tracedTurn(context, now, heard.kind, () => resumeStep(context, now, heard));
  }
  if (signal?.kind === 'heartbeat' || signal?.kind === 'inspection') {
    // Something else woke the run in between; a later wait wants to know of it.
    await context.store.transaction((trx) => keepSignal(trx, run.node_id, signal.kind, { ...signal.payload }));
  }
  return tracedTurn(context, now, 'begin', () => executeStep(context, now, options));
}

/** Takes a turn as a span of its run. A poll is one only when it learned something: most of them tell that nothing is new. */
async function tracedTurn(
  { tracing }: EngineContext,
  { run, node, planned }: Present,
  cause: string,
  turn: () => Promise<Turn>,
): Promise<Turn> {
  if (tracing === undefined || run.trace === null) {
    return turn();
  }
  const attributes = {
    'wrought.node': node.uuid,
    'wrought.run': run.uuid,
    'wrought.flow': run.flow,
    'wrought.request': run.request_id ?? '',
    'wrought.attempt': run.attempt,
    'wrought.cause': cause,
  };
  const begin = { name: `step ${stepName(planned)}`, attributes, parent: run.trace };
  const endOf = ({ outcome }: Turn) => ({
    attributes: { 'wrought.outcome': outcome.kind },
    error: outcome.kind === 'fail' ? outcome.reason : undefined,
  });
  if (cause !== 'poll') {
    return tracing.span(begin, turn, endOf);
  }
  const started = performance.now();
  const taken = await turn();
  if (taken.outcome.kind !== 'park') {
    tracing.ended(begin, (performance.now() - started) / 1000, endOf(taken));
  }
  return taken;
}

/** Runs the present step of a running run once and records it. */
async function executeStep(context: EngineContext, now: Present, options: TurnOptions): Promise<Turn> {
  if (options.recovering) {
    await takeLocalState(context, now);
  }
  const open = options.recovering && (await hasOpenIntent(context.store.read, now.run.id));
  const outcome = await (open ? recover(context, now) : effect(context, now));
  const turn = await record(context, now, outcome);
  if (outcome.kind === 'again') {
    await sleep(outcome.afterSeconds * 1000, undefined, { signal: options.abortSignal });
  }
  return turn;
}

/** Hands a signal to the parked step of a run and records what it answers. */
async function resumeStep(context: EngineContext, now: Present, signal: Signal): Promise<Turn> {
  const { run } = now;
  await whenAvailable(context.log, now.node, now.learning.task.abortSignal, () => context.lease.assertHeld());
  const outcome = await attempt(context, now, () => now.step.resume(now.learning.task, signal));
  // A poll that learned nothing and goes on waiting leaves nothing to write.
  const isIdle = outcome.kind === 'park' && signal.kind === 'poll' && Object.keys(outcome.facts).length === 0;
  if (isIdle && run.awaiting === outcome.awaiting && Object.keys(now.learning.learned()).length === 0) {
    return { recorded: { run, followUp: undefined }, outcome };
  }
  return record(context, now, outcome);
}

/** Ends the wait of a parked run with a failure. Throws NodeBusyError when somebody else has the node reserved. */
export async function failParkedRun(
  context: EngineContext,
  runId: number,
  reason: string,
  options: { aborted?: boolean } = {},
): Promise<Recorded | undefined> {
  return withProgress(context, runId, async (progress) => {
    if (progress.run.status === 'parked') {
      await unparkRun(progress);
      await settle(progress);
      await failRun(progress, reason, options.aborted === true ? { aborted: true } : {});
    }
  });
}

/** Aborts a parked run, or notes the wish until its step has ended. Answers whether it was aborted at once. */
export async function abortRun(context: EngineContext, runId: number): Promise<Recorded | undefined> {
  const run = await findRun(context.store.read, runId);
  if (run === undefined) {
    return undefined;
  }
  if (run.status === 'queued') {
    return withProgress(context, runId, async (progress) => {
      if (progress.run.status === 'queued') {
        await leaveQueue(progress);
        await failRun(progress, abortText(progress.flow), { aborted: true });
      } else {
        await changeRun(progress, { abort_requested: true });
      }
    });
  }
  const now = await present(context, run, new AbortController().signal);
  if (now !== undefined && run.status === 'parked' && (now.step.abortable || run.phase === 'prepare')) {
    return failParkedRun(context, runId, abortText(now.flow), { aborted: true });
  }
  return withProgress(context, runId, (progress) => changeRun(progress, { abort_requested: true }));
}
