// What the boot interfaces that hand a medium to the firmware have in common: the medium is made, handed over, and taken back.
import { bootModeOf, checkBootMode } from '../../boot/boot-mode.ts';
import { writeParametersFloppy } from '../../boot/iso/parameters-floppy.ts';
import { chooseBootDevice, forcePersistent } from '../../boot/ramdisk/boot-device.ts';
import { applyBootMode, applySecureBoot } from '../../boot/ramdisk/firmware-mode.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import { webOptions } from '../../boot/web.ts';
import type { BootInterface, Facts, LocalState, RamdiskPurpose, Task } from '../kit/index.ts';
import {
  type BootMedium,
  bootIso,
  bootMedium,
  bootMediumFact,
  checkBootIso,
  mediumUrl,
  namesOf,
  newBootMedium,
  readyMadeIso,
  removableParameters,
  wantsRemovable,
} from './boot-media.ts';

/** What tells one such interface from another. */
export interface MediumFlavour {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  /** The medium is a drive that the running system sees, too. */
  readonly isVirtual: boolean;
  /** Throws when the node can not be booted so. */
  check(task: Task): Promise<void>;
  /** Makes the next boot one from this URL, with the image of the other URL in a second drive. Safe to repeat. */
  handOver(task: Task, url: string, removableUrl: string | null): Promise<void>;
  /** Takes the URLs back from the BMC. Safe to repeat. */
  takeBack(task: Task, hasRemovable: boolean): Promise<void>;
}

/** The common part as a boot interface. */
export function mediumBoot(environment: ServerEnvironment, flavour: MediumFlavour): BootInterface {
  const { media, bootIsos, bootRecords, fileCache } = environment;

  /** Firmware that downloads a medium has no drive beside it. */
  const hasRemovable = (task: Task) => flavour.isVirtual && wantsRemovable(task);

  /** Writes the medium where BMCs find it; answers its URL. */
  async function publish(task: Task, medium: BootMedium): Promise<string> {
    const { secret_name: name, secret_removable_name: removable = null, purpose } = medium;
    const web = webOptions(task.config);
    const names = namesOf(medium);
    if (names.length > 0) {
      // A conductor that comes back finds by it what it still offers for another one's node.
      await bootRecords.keep(task.node.uuid, { root: 'http', files: names, addresses: [] });
    }
    if (removable !== null) {
      await writeParametersFloppy(media.pathOf(removable), removableParameters(task, medium));
    }
    const ready = await readyMadeIso(task, purpose, flavour.isVirtual);
    if (ready?.kind === 'url') {
      return ready.url;
    }
    if (name === null) {
      throw new Error(`Node ${task.node.uuid} has another boot medium than it was prepared for; prepare it anew.`);
    }
    const target = media.pathOf(name);
    if (ready === null) {
      await bootIsos.write(target, await bootIso(task, medium, flavour.isVirtual), web);
    } else {
      await fileCache.place(ready, target, web);
    }
    return mediumUrl(task, name);
  }

  async function withdraw(task: Task): Promise<Facts> {
    const medium = bootMedium(task.node);
    if (medium === null) {
      return {};
    }
    const names = namesOf(medium);
    for (const name of names) {
      await media.withdraw(name);
    }
    if (names.length > 0) {
      await bootRecords.forget(task.node.uuid);
    }
    // The token goes with the power: its agent may still be asked for something.
    return { driver_internal_info: { ...bootMediumFact(null), agent_secret_token_pregenerated: null } };
  }

  /** Takes the medium back from the BMC as well; one that can not be asked now keeps an URL that leads nowhere. */
  async function takeBack(task: Task): Promise<Facts> {
    const medium = bootMedium(task.node);
    if (medium === null) {
      return {};
    }
    try {
      await flavour.takeBack(task, (medium.secret_removable_name ?? null) !== null);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      task.record({
        kind: 'boot',
        severity: 'warning',
        message: `The boot medium could not be taken back from the BMC; its URL is void all the same. ${reason}`,
      });
    }
    return withdraw(task);
  }

  async function validateFor(task: Task, purpose: RamdiskPurpose): Promise<void> {
    forcePersistent(task.node);
    checkBootMode(task.node, task.config);
    const needsUrl = hasRemovable(task);
    const ready = await readyMadeIso(task, purpose, flavour.isVirtual);
    if (ready === null) {
      await checkBootIso(task, purpose);
    } else if (ready.kind === 'path' || needsUrl) {
      mediumUrl(task, 'media/name.iso');
    }
    await flavour.check(task);
  }

  async function prepareRamdisk(task: Task, purpose: RamdiskPurpose): Promise<Facts> {
    await validateFor(task, purpose);
    task.learn(await withdraw(task));
    const isOurs = (await readyMadeIso(task, purpose, flavour.isVirtual))?.kind !== 'url';
    const { medium, facts } = newBootMedium(task, purpose, { isOurs, hasRemovable: hasRemovable(task) });
    task.learn({ driver_internal_info: facts });
    // Its name is known before it is there: whoever goes on after a crash can take it away.
    await task.store();
    await applyBootMode(task);
    const { secret_removable_name: removable = null } = medium;
    const url = await publish(task, medium);
    await flavour.handOver(task, url, removable === null ? null : mediumUrl(task, removable));
    const mode = bootModeOf(task.node, task.config);
    task.record({
      kind: 'boot',
      message: `A boot medium of the ramdisk (${flavour.name}) is handed to the BMC.`,
      data: { purpose, boot_mode: mode },
    });
    return { driver_internal_info: { deploy_boot_mode: mode } };
  }

  const local: LocalState = {
    holder(node) {
      const medium = bootMedium(node);
      return medium === null || namesOf(medium).length === 0 ? null : medium.conductor;
    },
    async isHere(task) {
      const medium = bootMedium(task.node);
      const there = await Promise.all((medium === null ? [] : namesOf(medium)).map((name) => media.has(name)));
      return !there.includes(false);
    },
    async restore(task) {
      const medium = bootMedium(task.node);
      if (medium === null) {
        return {};
      }
      const here = { ...medium, conductor: task.config.conductor.host };
      await publish(task, here);
      task.record({ kind: 'boot', message: `The boot medium was written on ${here.conductor} again.` });
      return { driver_internal_info: bootMediumFact(here) };
    },
  };

  return {
    kind: 'boot',
    name: flavour.name,
    properties: flavour.properties,
    validate: (task) => validateFor(task, 'deploy'),
    validateRescue: (task) => validateFor(task, 'rescue'),
    prepareRamdisk,
    async prepareRamdiskAgain(task) {
      const medium = bootMedium(task.node);
      return medium === null ? null : prepareRamdisk(task, medium.purpose);
    },
    cleanUpRamdisk: takeBack,
    async prepareInstance(task) {
      task.learn(await takeBack(task));
      await applySecureBoot(task, true);
      await chooseBootDevice(task, 'disk');
      return {};
    },
    async cleanUpInstance(task) {
      await applySecureBoot(task, false);
      return takeBack(task);
    },
    local,
  };
}
