// Firmware of a machine and its BMC: versions of now, and those that wait for a boot or a reset.
import type { RedfishBmc } from '../bmc.ts';
import type { FirmwareItem } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';

/** What an image is said to hold. */
export interface FirmwareImage {
  readonly version: string;
  /** Ids of the inventory. */
  readonly targets: readonly string[];
}

class Firmware {
  readonly #bmc: RedfishBmc;
  #versions: Map<string, string> | undefined;
  #atBoot: Map<string, string> | undefined;

  constructor(bmc: RedfishBmc) {
    this.#bmc = bmc;
  }

  /** The version of an item of the inventory. */
  version({ id, version }: FirmwareItem): string {
    return this.#versions?.get(id) ?? version;
  }

  /** The version that a part runs, once it differs from that of the model; undefined before. */
  versionOf(part: FirmwareItem['part']): string | undefined {
    const item = this.#bmc.model.update.firmware.find((each) => each.part === part);
    return item === undefined ? undefined : this.#versions?.get(item.id);
  }

  /** What waits for the next boot, by id. */
  get waiting(): ReadonlyMap<string, string> {
    return this.#atBoot ?? new Map();
  }

  /**
   * Writes an image. A BMC's version counts after the reset that the caller owes it, which this tells; what the machine
   * runs counts from its next boot, unless it boots just now; the rest counts at once.
   */
  write(image: FirmwareImage, isBooting: boolean): { readonly needsReset: boolean } {
    let needsReset = false;
    for (const id of image.targets) {
      const part = this.#bmc.model.update.firmware.find((each) => each.id === id)?.part;
      if (!isBooting && (part === 'bios' || part === 'nic' || part === 'storage')) {
        this.#atBoot ??= new Map();
        this.#atBoot.set(id, image.version);
      } else {
        this.#set(id, image.version);
        needsReset ||= part === 'bmc';
      }
    }
    return { needsReset };
  }

  /** The machine boots: what waited counts. */
  boot(): void {
    for (const [id, version] of this.#atBoot ?? []) this.#set(id, version);
    this.#atBoot = undefined;
  }

  #set(id: string, version: string): void {
    this.#versions ??= new Map();
    this.#versions.set(id, version);
  }
}

export const firmwareOf = perBmc((bmc) => new Firmware(bmc));
