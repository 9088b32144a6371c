// The engine: one loop per run, woken by signals, polls and deadlines; it resumes at start what earlier processes left.

import { FencedError } from '../../cluster/fenced-error.ts';
import type { Signal } from '../../drivers/kit/index.ts';
import { keepSignal, takeSignal } from '../../store/journal.ts';
import { findNodeById } from '../../store/nodes.ts';
import {
  type AbandonedRun,
  abandonedRuns,
  findRun,
  overdueRuns,
  type Run,
  unfinishedRunOf,
  unfinishedRunsOf,
} from '../../store/runs.ts';
import { secondsFromNow } from '../../store/time.ts';
import { lastEvidence } from '../../store/timeline-evidence.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';
import { createAdmission } from './admission.ts';
import type { EngineContext } from './context.ts';
import { endOrAbort } from './end-or-abort.ts';
import { NodeBusyError, type Recorded, recordOutcome } from './outcome.ts';
import { abortRun, adoptRun, failParkedRun, type TurnOptions, takeTurn } from './run.ts';
import { createSlots } from './slots.ts';

/** Longest time a JavaScript timer can wait. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** How long a run that met a reserved node waits at most before it looks again by itself. */
const BUSY_LOOK_AGAIN_MILLISECONDS = 1_000;

/** Pause before a run goes on whose failure could not even be recorded (the disk is full, say). */
const STORE_TROUBLE_PAUSE_MILLISECONDS = 5_000;

/** A run that was written so long ago and is not driven was lost: whoever began it would drive it by now. */
const LOST_AFTER_SECONDS = 60;

/** Runs of others that are taken over at one time. */
const ADOPTIONS_AT_ONCE = 32;

interface ActiveRun {
  readonly nodeId: number;
  readonly abort: AbortController;
  readonly signals: Signal[];
  readonly ended: Promise<void>;
}

interface ParkedRun {
  readonly timers: NodeJS.Timeout[];
  /** When it has waited too long, on the monotonic clock: a machine's clock that jumps fails nothing. */
  readonly expiresAt: number | null;
}

export interface Engine {
  /** Drives a run that was just begun. */
  drive(run: Run): void;
  /** Hands a signal to the run of a node; kept when its step is running. */
  signal(nodeId: number, signal: Signal): Promise<void>;
  /** Aborts the run of a node, at once when it is parked in an abortable step, else after its step. */
  abort(run: Run): Promise<void>;
  /** Forgets a run that ends outside the engine, in a transaction that is under way: its timers, and its place. */
  forget(runId: number): void;
  /** Fails parked runs whose deadline passed while nobody watched. */
  failOverdue(): Promise<void>;
  /** Goes on with runs of this process that nobody drives: a commit was stored, but its answer got lost on the way. */
  resumeLost(): Promise<void>;
  /**
   * Goes on with what earlier processes of this conductor left, and with what is `wanted` of stopped and fenced ones. Answers how
   * many runs that were.
   */
  takeOver(wanted: (abandoned: AbandonedRun) => boolean): Promise<number>;
  /** Lets in runs that wait in line, where there is room. */
  admit(): Promise<void>;
  /** Waits for running steps, at most `seconds`; what is left resumes at the next start. */
  stop(seconds: number): Promise<void>;
}

/** Makes the engine over its context. */
export function createEngine(context: EngineContext): Engine {
  const active = new Map<number, ActiveRun>();
  const parked = new Map<number, ParkedRun>();
  const slots = createSlots(() => context.config().conductor.workers_pool_size);
  const mine = { conductor: context.lease.hostname, epoch: context.lease.epoch };
  let isStopping = false;
  const admission = createAdmission(context, (recorded) => guard(follow(recorded.run.id, recorded)));

  /** The run as one of this process; undefined when it belongs to another conductor that is there, or is over. */
  async function owned(run: Run): Promise<Run | undefined> {
    if (run.conductor === mine.conductor && run.epoch === mine.epoch) {
      return run;
    }
    const isOfAnother = run.conductor !== mine.conductor && context.members.find(run.conductor) !== undefined;
    return isOfAnother ? undefined : adoptRun(context, run);
  }

  /** A run has ended: somebody who waits in line may begin. */
  function runEnded(run: Run): void {
    context.observer?.runEnded(run);
    context.tracing?.runEnded(run);
    if (!isStopping && run.limit_class !== null) {
      guard(admission.look({ tells: true }));
    }
  }

  function forget(runId: number): void {
    for (const timer of parked.get(runId)?.timers ?? []) {
      clearTimeout(timer);
    }
    parked.delete(runId);
  }

  async function expire(runId: number): Promise<void> {
    const run = await findRun(context.store.read, runId);
    if (run === undefined || run.status !== 'parked' || active.has(runId)) {
      return;
    }
    const entry = parked.get(runId);
    if (entry !== undefined && entry.expiresAt !== null && entry.expiresAt > performance.now()) {
      armDeadline(runId, entry.timers, entry.expiresAt);
      return;
    }
    const node = await findNodeById(context.store.read, run.node_id);
    if (node === undefined || node.maintenance) {
      return;
    }
    await context.timeline.flush();
    const evidence = await lastEvidence(context.store.read, run.node_id, run.created_at);
    const seen = evidence === undefined ? 'Nothing was heard from the machine since.' : `Last seen: ${evidence}.`;
    const reason = `Timed out while waiting for ${run.awaiting ?? 'a sign'} during ${run.flow}. ${seen} Look at the machine's console and at its boot network; the limit is the callback time-out of the conductor section.`;
    await follow(runId, await whenNotBusy(run, () => failParkedRun(context, runId, reason)));
  }

  /** Arms the timers of a parked run. */
  function watch(run: Run, pollSeconds: number | null): void {
    forget(run.id);
    const timers: NodeJS.Timeout[] = [];
    if (pollSeconds !== null) {
      arm(timers, pollSeconds * 1000, () => start(run, { kind: 'poll', payload: {} }));
    }
    const expiresAt =
      run.deadline === null ? null : performance.now() + Date.parse(run.deadline) - context.lease.databaseNow();
    if (expiresAt !== null) {
      armDeadline(run.id, timers, expiresAt);
    }
    parked.set(run.id, { timers, expiresAt });
  }

  function arm(timers: NodeJS.Timeout[], milliseconds: number, work: () => void): void {
    const timer = setTimeout(work, Math.min(Math.max(milliseconds, 0), LONGEST_TIMER_MILLISECONDS));
    timer.unref();
    timers.push(timer);
  }

  function armDeadline(runId: number, timers: NodeJS.Timeout[], expiresAt: number): void {
    arm(timers, expiresAt - performance.now() + 1, () => guard(expire(runId)));
  }

  /** Logs what stopped some work: a database that is away is no defect, and its stack tells nothing. */
  function report(error: unknown, details: object, message: string): void {
    if (error instanceof StoreUnavailableError) {
      context.log.warn({ ...details, reason: error.message }, 'Work waits for the database.');
    } else {
      context.log.error({ ...details, err: error }, message);
    }
  }

  function guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof FencedError)) {
        report(error, {}, 'The engine met an unexpected error.');
      }
    });
  }

  /** Goes on with what a transaction outside a run's own loop left to do. */
  async function follow(runId: number, recorded: Recorded | undefined): Promise<void> {
    if (recorded?.run.status === 'running') {
      forget(runId);
      start(recorded.run, undefined);
    }
    if (recorded?.followUp !== undefined) {
      start(recorded.followUp, undefined);
    }
    if (recorded?.run.status === 'finished') {
      runEnded(recorded.run);
    }
  }

  /** Does `work` on a run, again and again while somebody else works on its node. */
  async function whenNotBusy<Result>(run: Run, work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof NodeBusyError) || isStopping) {
          throw error;
        }
        await context.locks.untilChanged(run.node_id, BUSY_LOOK_AGAIN_MILLISECONDS);
      }
    }
  }

  async function loop(
    first: Run,
    firstSignal: Signal | undefined,
    entry: ActiveRun,
    recovering: boolean,
  ): Promise<void> {
    let signal = firstSignal;
    let isRecovering = recovering;
    let holdsServer = first.image_server !== null;
    while (!isStopping) {
      const options: TurnOptions = { signal, recovering: isRecovering, abortSignal: entry.abort.signal };
      const turn = await whenNotBusy(first, () => slots.use(() => takeTurn(context, first.id, options)));
      isRecovering = false;
      signal = undefined;
      if (turn?.recorded === undefined) {
        return;
      }
      const { run, followUp } = turn.recorded;
      if (holdsServer && run.image_server === null) {
        // Its place at the image server is free.
        holdsServer = false;
        guard(admission.look({ tells: true }));
      }
      if (followUp !== undefined) {
        start(followUp, undefined);
      }
      if (run.status === 'finished') {
        runEnded(run);
        return;
      }
      if (run.status === 'parked') {
        const kept = await keptSignal(run);
        signal = entry.signals.splice(0).at(-1) ?? kept;
        if (signal === undefined) {
          watch(run, turn.outcome.kind === 'park' ? turn.outcome.pollSeconds : null);
          return;
        }
      }
    }
  }

  async function keptSignal(run: Run): Promise<Signal | undefined> {
    if (run.lane !== 'provision') {
      return undefined;
    }
    const isKept = await context.store.read
      .selectFrom('signals')
      .select('id')
      .where('node_id', '=', run.node_id)
      .executeTakeFirst();
    if (isKept === undefined) {
      return undefined;
    }
    const kept = await context.store.transaction((trx) => takeSignal(trx, run.node_id));
    return kept === undefined ? undefined : { kind: kept.kind as Signal['kind'], payload: kept.payload };
  }

  function start(run: Run, signal: Signal | undefined, recovering = false): void {
    if (isStopping) {
      return;
    }
    const busy = active.get(run.id);
    if (busy !== undefined) {
      if (signal !== undefined && signal.kind !== 'poll') {
        busy.signals.push(signal);
      }
      return;
    }
    forget(run.id);
    const ending = Promise.withResolvers<void>();
    const entry: ActiveRun = { nodeId: run.node_id, abort: new AbortController(), signals: [], ended: ending.promise };
    active.set(run.id, entry);
    // The run goes on when the request that began or woke it has long been answered.
    const begin = () => loop(run, signal, entry, recovering);
    const work = (context.tracing === undefined ? begin() : context.tracing.apart(begin))
      .catch(async (error: unknown) => {
        if (error instanceof FencedError || isStopping) {
          return;
        }
        report(error, { run: run.uuid }, 'A run stopped at an unexpected error.');
        await failUnexpected(run, error);
      })
      .finally(() => {
        active.delete(run.id);
        ending.resolve();
        // A signal that came between the last look and the end of the loop must not wait for the next one.
        const late = entry.signals.shift();
        if (late !== undefined) {
          start(run, late);
        }
      });
    guard(work);
  }

  /** A defect must not lose the node: its run fails, and if not even that can be stored it is tried again later. */
  async function failUnexpected(run: Run, error: unknown): Promise<void> {
    const reason = `The server met an unexpected error: ${error instanceof Error ? error.message : String(error)}`;
    let pause = 0;
    try {
      const present = await findRun(context.store.read, run.id);
      // A database that can not be used is no defect of the run.
      if (present !== undefined && !(error instanceof StoreUnavailableError)) {
        await recordOutcome(context, present, { kind: 'fail', reason, facts: {} }, {});
      }
    } catch (storeError) {
      report(storeError, { run: run.uuid }, 'The failure of a run could not be stored; trying again.');
      pause = STORE_TROUBLE_PAUSE_MILLISECONDS;
    }
    goOnAfter(pause, run);
  }

  function goOnAfter(milliseconds: number, run: Run): void {
    setTimeout(() => guard(goOn(run)), milliseconds).unref();
  }

  async function goOn(run: Run): Promise<void> {
    if (isStopping) {
      return;
    }
    try {
      const present = await findRun(context.store.read, run.id);
      if (present !== undefined && present.status !== 'finished') {
        start(present, undefined, true);
      }
    } catch (error) {
      report(error, { run: run.uuid }, 'A run could not be read; trying again.');
      goOnAfter(STORE_TROUBLE_PAUSE_MILLISECONDS, run);
    }
  }

  return {
    drive(run) {
      if (run.status === 'queued') {
        // There may be a place already, which others could not take.
        guard(admission.look());
      } else {
        start(run, undefined);
      }
    },
    forget(runId) {
      forget(runId);
      guard(admission.look({ tells: true }));
    },
    admit: () => admission.look(),
    async signal(nodeId, signal) {
      // In one transaction, so that the run can not park between the look and the keeping.
      const parkedRun = await context.store.transaction(async (trx) => {
        const run = await unfinishedRunOf(trx, nodeId, 'provision');
        if (run?.status === 'running') {
          await keepSignal(trx, nodeId, signal.kind, { ...signal.payload });
        }
        return run?.status === 'parked' ? run : undefined;
      });
      if (parkedRun === undefined) {
        return;
      }
      // The signal may come before this process has taken over what an earlier one left.
      const run = await owned(parkedRun);
      if (run !== undefined) {
        start(run, signal);
      }
    },
    async abort(run) {
      const present = await owned(run);
      if (present !== undefined) {
        await follow(present.id, await whenNotBusy(present, () => abortRun(context, present.id)));
      }
    },
    async failOverdue() {
      const time = new Date(context.lease.databaseNow()).toISOString();
      for (const run of await overdueRuns(context.store.read, mine, time)) {
        // One whose timers run here is theirs to end.
        if ((parked.get(run.id)?.expiresAt ?? 0) <= performance.now()) {
          await expire(run.id);
        }
      }
    },
    async resumeLost() {
      const before = secondsFromNow(-LOST_AFTER_SECONDS);
      for (const run of await unfinishedRunsOf(context.store.read, mine)) {
        if (run.status === 'running' && run.updated_at < before && !active.has(run.id)) {
          context.log.warn({ run: run.uuid }, 'A run that nobody drove goes on.');
          start(run, undefined, true);
        }
      }
    },
    async takeOver(wanted) {
      let taken = 0;
      const abandoned = (await abandonedRuns(context.store.read, mine)).filter(
        (each) => each.run.conductor === mine.conductor || wanted(each),
      );
      // Some at once, so that they share commits; the oldest come first.
      const adoptions = createSlots(() => ADOPTIONS_AT_ONCE);
      const adopt = async ({ run }: AbandonedRun) => {
        if (isStopping) {
          return;
        }
        try {
          const adopted = await adoptRun(context, run);
          taken += adopted === undefined ? 0 : 1;
          if (adopted?.status === 'parked') {
            start(adopted, { kind: 'restart', payload: {} });
          } else if (adopted !== undefined) {
            start(adopted, undefined, true);
          }
        } catch (error) {
          if (error instanceof FencedError || error instanceof StoreUnavailableError) {
            throw error;
          }
          context.log.error(
            { run: run.uuid, err: error },
            'A run could not be taken over; tried again at the next look.',
          );
        }
      };
      const results = await Promise.allSettled(abandoned.map((each) => adoptions.use(() => adopt(each))));
      const refused = results.find((result) => result.status === 'rejected');
      if (refused !== undefined) {
        throw refused.reason;
      }
      return taken;
    },
    async stop(seconds) {
      isStopping = true;
      for (const runId of [...parked.keys()]) {
        forget(runId);
      }
      const all = Promise.all([...active.values()].map((entry) => entry.ended));
      await endOrAbort(all, seconds, () => {
        for (const entry of active.values()) {
          entry.abort.abort();
        }
      });
    },
  };
}
