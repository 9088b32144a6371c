// Steps that export the configuration of a machine to a web server, and import one from there: BIOS, iDRAC, controllers, cards in one go.
import { shownUrl } from '../../../boot/web.ts';
import {
  again,
  done,
  fail,
  type Outcome,
  park,
  type Step,
  type StepArguments,
  step,
  type Task,
} from '../../kit/index.ts';
import type { RedfishBmc } from '../bmc/index.ts';
import { isAgentThere, restartMachine } from '../restart-machine.ts';
import { fetchConfiguration, putConfiguration, readLocation } from './configuration-files.ts';

/** Member of the run's memory. */
const KEY = 'idrac_configuration';
/** So many looks in a row count: faults are what became of the task, and an export that is not to be had then never is. */
const LOOKS_THAT_COUNT = 5;

/**
 * How far the work is. `asked`: the iDRAC is asked to begin, and whether it was is not known. `running`: it has a task.
 * `restarting`: a machine with an agent is restarted once more, and `restarted`: its agent is awaited.
 */
interface Progress {
  readonly step: string;
  readonly part: 'export' | 'import';
  readonly phase: 'asked' | 'running' | 'restarting' | 'restarted';
  readonly taskPath: string | null;
  /** Jobs of imports that were there before. */
  readonly before: readonly string[];
  readonly wasOn: boolean;
  readonly looks: number;
  /** Milliseconds since 1970, when this part began. */
  readonly since: number;
}

const keep = (progress: Progress | null) => ({ memory: { [KEY]: progress === null ? null : { ...progress } } });
const locations = { export: 'export_configuration_location', import: 'import_configuration_location' } as const;

function waiting(task: Task, what: string, progress: Progress): Outcome {
  const pollSeconds = task.config.redfish.step_status_interval;
  return park(what, { pollSeconds, timeoutSeconds: 0, facts: keep(progress) });
}

/** The steps export_configuration, import_configuration and import_export_configuration. */
export function configurationSteps(load: () => Promise<RedfishBmc>): readonly Step[] {
  const part = async () => (await load()).dellConfiguration;

  /** Stores what is about to be done: only what an outcome carries outlives a crash. */
  async function intend(task: Task, name: string, what: Progress['part']): Promise<Outcome> {
    const before = what === 'import' ? await (await part()).imports(task) : [];
    const wasOn = (await task.interfaces.power.getPowerState(task)) === 'power on';
    const fresh = { phase: 'asked', taskPath: null, looks: 0, since: Date.now() } as const;
    return again(0, `The ${what} is about to begin.`, keep({ step: name, part: what, before, wasOn, ...fresh }));
  }

  async function ask(task: Task, args: StepArguments, progress: Progress): Promise<Outcome> {
    const configuration = await part();
    if (progress.part === 'export') {
      const taskPath = await configuration.beginExport(task);
      return waiting(task, 'the export of the configuration', { ...progress, phase: 'running', taskPath });
    }
    // A server that stopped may have asked for it.
    const begun = (await configuration.imports(task)).find((path) => !progress.before.includes(path));
    const taskPath =
      begun ??
      (await configuration.beginImport(
        task,
        await fetchConfiguration(task, readLocation(args, locations.import)),
        progress.wasOn,
      ));
    return waiting(task, 'the import of the configuration', { ...progress, phase: 'running', taskPath });
  }

  /** Puts what was exported where it is wanted; undefined: it is there. */
  async function deliver(task: Task, args: StepArguments, progress: Progress): Promise<Outcome | undefined> {
    const { taskPath } = progress;
    const profile = taskPath === null ? undefined : await (await part()).readProfile(task, taskPath);
    if (profile === undefined) {
      return progress.looks < LOOKS_THAT_COUNT
        ? waiting(task, 'the exported configuration', { ...progress, looks: progress.looks + 1 })
        : fail(`The iDRAC of node ${task.node.uuid} says that it exported its configuration, and does not give it.`);
    }
    const location = readLocation(args, locations.export);
    await putConfiguration(task, location, profile);
    task.record({ kind: 'bmc', message: `The configuration lies at ${shownUrl(location)} now.` });
    return undefined;
  }

  async function follow(
    task: Task,
    args: StepArguments,
    progress: Progress,
    next: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const seen = await (await part()).look(task, progress.taskPath);
    const looks = seen.kind === 'fault' ? progress.looks + 1 : progress.looks;
    if (seen.kind === 'failed' || (seen.kind === 'fault' && looks >= LOOKS_THAT_COUNT)) {
      return fail(`The ${progress.part} of the configuration did not succeed: ${seen.what}`);
    }
    if (seen.kind !== 'done') {
      if (seen.kind === 'running' && seen.percent !== null) {
        task.progress(seen.percent, `The ${progress.part} of the configuration`);
      }
      return waiting(task, `the ${progress.part} of the configuration (${seen.what})`, { ...progress, looks });
    }
    if (progress.part === 'export') {
      return (await deliver(task, args, progress)) ?? next();
    }
    task.record({ kind: 'bmc', message: 'The configuration is imported.' });
    // The iDRAC restarted the machine behind the back of its agent.
    return isAgentThere(task)
      ? again(0, 'The machine is to boot its agent again.', keep({ ...progress, phase: 'restarting' }))
      : next();
  }

  function configurationStep(
    name: string,
    parts: readonly Progress['part'][],
    description: Pick<Step, 'kinds' | 'argsinfo'>,
  ): Step {
    async function next(task: Task, progress: Progress | undefined): Promise<Outcome> {
      const following = parts[progress === undefined ? 0 : parts.indexOf(progress.part) + 1];
      if (following !== undefined) {
        return intend(task, name, following);
      }
      task.learn(keep(null));
      const { bios } = task.interfaces;
      const settings = parts.includes('import') && bios.supported ? await bios.readSettings?.(task) : undefined;
      return done(settings === undefined ? {} : { bios_settings: settings });
    }

    async function work(task: Task, args: StepArguments, progress: Progress | undefined): Promise<Outcome> {
      if (progress === undefined) {
        // What can not be is told before anything is done.
        for (const each of parts) {
          const location = readLocation(args, locations[each]);
          if (each === 'import') {
            await fetchConfiguration(task, location);
          }
        }
        return next(task, undefined);
      }
      const limit = task.config.redfish.idrac_configuration_timeout;
      if (Date.now() - progress.since > limit * 1000) {
        return fail(
          `The ${progress.part} of the configuration took longer than ${limit} s (redfish.idrac_configuration_timeout); it is "${progress.phase}". Look at the job queue of the iDRAC.`,
        );
      }
      switch (progress.phase) {
        case 'asked':
          return ask(task, args, progress);
        case 'running':
          return follow(task, args, progress, () => next(task, progress));
        case 'restarting':
          await restartMachine(task);
          return waiting(task, 'the agent, after a restart', { ...progress, phase: 'restarted' });
        case 'restarted':
          return isAgentThere(task) ? next(task, progress) : waiting(task, 'the agent, after a restart', progress);
      }
    }

    /** An iDRAC that is away works, or restarts by what it imports; the limit of the part ends the wait. */
    async function patiently(task: Task, args: StepArguments): Promise<Outcome> {
      const known = task.memory[KEY] as Progress | null | undefined;
      const progress = known?.step === name ? known : undefined;
      try {
        return await work(task, args, progress);
      } catch (error) {
        if (progress?.phase !== 'running' || !(await load()).isAway(error)) {
          throw error;
        }
        return waiting(task, `the iDRAC, which is away: ${error instanceof Error ? error.message : error}`, progress);
      }
    }

    return step({
      interface: 'management',
      step: name,
      recovery: 'repeat',
      ...description,
      execute: patiently,
      resume: patiently,
    });
  }

  const toExport = {
    [locations.export]: { description: 'URL to which the configuration is sent by PUT.', required: true },
  };
  const toImport = {
    [locations.import]: { description: 'URL of a configuration that was exported before.', required: true },
  };
  return [
    configurationStep('export_configuration', ['export'], { kinds: ['clean'], argsinfo: toExport }),
    configurationStep('import_configuration', ['import'], { kinds: ['clean', 'deploy'], argsinfo: toImport }),
    configurationStep('import_export_configuration', ['import', 'export'], {
      kinds: ['clean', 'deploy'],
      argsinfo: { ...toImport, ...toExport },
    }),
  ];
}
