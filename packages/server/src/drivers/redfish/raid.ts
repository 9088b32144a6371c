// RAID through Redfish: logical disks as they are wanted become volumes of the machine's controllers, and volumes are deleted.
import { type JsonObject, raidConfig, readBoolean, registeredError } from '@wrought/contract';
import {
  done,
  type Facts,
  type Outcome,
  type RaidInterface,
  type Step,
  type StepArguments,
  step,
  type Task,
} from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import type { RaidArrays, RaidVolume, RedfishRaid } from './bmc/raid.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';
import { volumeOfPlan } from './raid-change.ts';
import { plainRaid, type RaidFlavour, type RaidPart } from './raid-flavour.ts';
import { begin, goOn, keep, note, type Progress, progressOf, waiting } from './raid-work.ts';

const GIB = 1024 ** 3;

interface Wish {
  readonly logicalDisks: readonly JsonObject[];
  readonly deletesExisting: boolean;
  /** What the node is to have from now on, where the step was given it. */
  readonly facts: Facts;
}

/** What arguments mean that are not given. */
interface Defaults {
  readonly nonroot: boolean;
}

function readSwitch(args: StepArguments, name: string, otherwise: boolean): boolean {
  const read = readBoolean(args[name] ?? otherwise);
  if (read === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument ${name} is ${JSON.stringify(args[name])}; allowed: true, false.`,
    });
  }
  return read;
}

/** @throws InvalidParameterValue, MissingParameterValue */
function readWish({ node }: Task, args: StepArguments, { nonroot }: Defaults): Wish {
  const config = args.raid_config ?? node.target_raid_config;
  const reading = raidConfig.read(config);
  if (!reading.ok) {
    throw registeredError('InvalidParameterValue', {
      reason: `raid_config${reading.at ?? ''} is ${JSON.stringify(reading.found ?? config)}; allowed: ${reading.allowed ?? raidConfig.allowed}.`,
    });
  }
  const { logical_disks: disks = [] } = reading.value as { readonly logical_disks?: readonly JsonObject[] };
  const [root, others] = [
    readSwitch(args, 'create_root_volume', true),
    readSwitch(args, 'create_nonroot_volumes', nonroot),
  ];
  const logicalDisks = disks.filter((disk) => (disk.is_root_volume === true ? root : others));
  if (logicalDisks.length === 0) {
    throw registeredError('MissingParameterValue', {
      reason: `There are no logical disks to create for node ${node.uuid}: ${disks.length} are wanted (PUT states/raid, or the argument raid_config), of which the arguments create_root_volume and create_nonroot_volumes leave none.`,
    });
  }
  return {
    logicalDisks,
    deletesExisting: readSwitch(args, 'delete_existing', false),
    facts: args.raid_config === undefined ? {} : { target_raid_config: reading.value as JsonObject },
  };
}

function capabilitiesWith(node: Task['node'], level: string): string {
  const given = node.properties.capabilities;
  const others = (typeof given === 'string' ? given.split(',') : []).filter(
    (each) => each.trim() !== '' && !each.trim().startsWith('raid_level:'),
  );
  return [...others, `raid_level:${level}`].join(',');
}

/** What is known of the volumes now; of the root volume also where an image goes. */
function factsOf(
  { node }: Task,
  volumes: readonly RaidVolume[],
  root: RaidVolume | undefined,
  others: readonly JsonObject[],
): Facts {
  const disks = volumes.map((volume) => ({
    id: volume.id,
    name: volume.name,
    controller: volume.storage,
    size_gb: volume.bytes === null ? null : Math.floor(volume.bytes / GIB),
    raid_level: volume.level,
    ...(volume === root ? { is_root_volume: true } : {}),
    ...(volume === root && volume.wwn !== null ? { root_device_hint: hintOf(volume.wwn) } : {}),
  }));
  const raid_config = { logical_disks: [...disks, ...others], last_updated: new Date().toISOString() };
  if (root === undefined || root.level === null) {
    return { raid_config };
  }
  return {
    raid_config,
    properties: {
      ...(root.bytes === null ? {} : { local_gb: Math.floor(root.bytes / GIB) }),
      ...(root.wwn === null ? {} : { root_device: hintOf(root.wwn) }),
      capabilities: capabilitiesWith(node, root.level),
    },
  };
}

/** Names of 16 digits are what Linux calls the WWN, those of 32 have its extension. */
const hintOf = (wwn: string) => (wwn.length > 18 ? { wwn_with_extension: wwn } : { wwn });

const argsOfCreation = (nonroot: boolean) => ({
  create_root_volume: { description: 'Whether to create the root volume. Default: true.' },
  create_nonroot_volumes: { description: `Whether to create the other volumes. Default: ${nonroot}.` },
  delete_existing: { description: 'Whether to delete all volumes before. Default: false.' },
});

const deletions: RaidPart = {
  name: 'delete',
  changes: ({ volumes }) => volumes.map(({ path, id }) => ({ kind: 'delete', path, id })),
};

/** What there will be when all volumes are deleted. */
const emptied = ({ drives, controllers }: RaidArrays): RaidArrays => ({
  drives: drives.map((drive) => ({ ...drive, freeBytes: drive.bytes, isForeign: false })),
  volumes: [],
  controllers,
});

/** RAID interface of a flavour. */
export function redfishRaid(load: () => Promise<RedfishBmc>, flavour: RaidFlavour = plainRaid): RaidInterface {
  const part = async () => (await load()).raid;

  /** The parts of a step in their order. */
  function partsOf(wish: Wish | undefined): readonly RaidPart[] {
    const deletion = [deletions, ...flavour.afterDeletion];
    const creation = [...flavour.beforeCreation, flavour.creation];
    return wish === undefined ? deletion : wish.deletesExisting ? [...deletion, ...creation] : creation;
  }

  async function finish(task: Task, raid: RedfishRaid, wish: Wish | undefined, progress: Progress): Promise<Outcome> {
    if (progress.wasOff) {
      await task.setPower('power off');
    }
    task.learn(keep(null));
    if (wish === undefined) {
      return done({ raid_config: {} });
    }
    const arrays = await raid.readArrays(task);
    const root = progress.changes.find((change) => change.kind === 'create' && change.plan.isRoot);
    const volume = root?.kind === 'create' ? volumeOfPlan(root.plan, arrays.volumes) : undefined;
    return done(factsOf(task, arrays.volumes, volume, flavour.otherDisks(arrays)));
  }

  /** One step: deletes, where that is wanted, then creates, where a wish is given. */
  function raidStep(
    description: Pick<Step, 'step' | 'kinds'> & Partial<Step>,
    wishOf: ((task: Task, args: StepArguments) => Wish) | undefined,
  ): Step {
    const { step: name } = description;

    /** Begins the first part after the one that ended; undefined: that was the last. */
    async function nextPart(
      task: Task,
      raid: RedfishRaid,
      wish: Wish | undefined,
      ended?: Progress,
    ): Promise<Progress | undefined> {
      const parts = partsOf(wish);
      const next = parts[parts.findIndex((each) => each.name === ended?.part) + 1];
      if (next === undefined) {
        return undefined;
      }
      const changes = next.changes(await raid.readArrays(task), wish?.logicalDisks ?? []);
      return begin(name, next.name, changes, ended?.wasOff ?? false);
    }

    async function work(task: Task, args: StepArguments): Promise<Outcome> {
      const raid = await part();
      const wish = wishOf?.(task, args);
      const progress = progressOf(task, name);
      if (progress === undefined) {
        if (wish !== undefined) {
          // What can not be is told before anything is changed.
          const arrays = await raid.readArrays(task);
          flavour.check(wish.deletesExisting ? emptied(arrays) : arrays, wish.logicalDisks);
          task.learn(wish.facts);
        }
        return note((await nextPart(task, raid, wish)) as Progress);
      }
      const outcome = await goOn(task, raid, progress);
      if ('kind' in outcome) {
        return outcome;
      }
      const next = await nextPart(task, raid, wish, outcome);
      return next === undefined ? finish(task, raid, wish, outcome) : note(next);
    }

    /** A BMC that is away or busy while it works or the machine starts is looked at again; the time-out of the wait ends it. */
    async function patiently(task: Task, args: StepArguments): Promise<Outcome> {
      const progress = progressOf(task, name);
      try {
        return await work(task, args);
      } catch (error) {
        if ((progress?.phase !== 'running' && progress?.phase !== 'started') || !(await load()).isAway(error)) {
          throw error;
        }
        const reason = error instanceof Error ? error.message : String(error);
        return waiting(task, `the BMC, which is away: ${reason}`, progress);
      }
    }

    return step({ interface: 'raid', recovery: 'repeat', ...description, execute: patiently, resume: patiently });
  }

  const apply = {
    step: 'apply_configuration',
    argsinfo: {
      raid_config: { description: 'The logical disks to create, in the form of target_raid_config.', required: true },
      ...argsOfCreation(false),
    },
  } as const;
  const cleaning = { kinds: ['clean'], requires_ramdisk: flavour.cleansInRamdisk } as const;
  const create = (task: Task, args: StepArguments) => readWish(task, args, { nonroot: true });
  const applied = (task: Task, args: StepArguments) => readWish(task, args, { nonroot: false });

  return {
    kind: 'raid',
    name: flavour.name,
    properties,
    supported: true,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    steps: [
      raidStep({ step: 'create_configuration', ...cleaning, argsinfo: argsOfCreation(true) }, create),
      raidStep({ step: 'delete_configuration', ...cleaning }, undefined),
      raidStep({ step: 'delete_configuration', kinds: ['service'], requires_ramdisk: true }, undefined),
      raidStep({ step: 'delete_configuration', kinds: ['deploy'], abortable: true }, undefined),
      raidStep({ ...apply, kinds: ['deploy'], abortable: true }, applied),
      raidStep({ ...apply, kinds: ['service'], requires_ramdisk: true }, applied),
    ],
  };
}
