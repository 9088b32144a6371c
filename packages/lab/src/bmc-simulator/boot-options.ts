// System boot options of a simulated machine: their bytes, and when the wish for the next boot ends (IPMI 2.0, 28.12 to 28.14).
import { type BootFlags, bootFlags, parameterCompletionCodes } from '@wrought/ipmi';

/** What the machine is to boot from. */
export type BootWish = Pick<BootFlags, 'device' | 'efi' | 'persistent'>;

/** The parameters of table 28-14 with their length in bytes; the mailbox, 7, has blocks besides. */
const lengths: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 1, 4: 2, 5: 5, 6: 9 };
const parameters = { setInProgress: 0, keepValid: 3, acknowledge: 4, flags: 5, mailbox: 7 } as const;
const mailboxBlocks = 5;
const mailboxBlockLength = 16;

/**
 * What ends a wish before the machine has seen it, by the cause of the restart, and the bit of parameter 3 that
 * prevents it. Persistent wishes outlive all of it, as they do on machines that people have.
 */
const endings: Readonly<Record<number, { readonly keptBy: number }>> = {
  3: { keptBy: 0x01 },
  2: { keptBy: 0x02 },
  4: { keptBy: 0x04 },
};
/** A wish ends when no chassis command follows it in time, unless this bit of parameter 3 is set. */
const lapse = { milliseconds: 60_000, keptBy: 0x08 } as const;
const validBit = 0x80;

export class BootOptions {
  readonly #values = new Map<number, Buffer>();
  readonly #mailbox = new Map<number, Buffer>();
  readonly #changed: () => void;
  #setInProgress = 0;
  #flagsSetAt = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The bytes of a parameter; a number is a completion code. */
  get(parameter: number, set: number): Uint8Array | number {
    if (parameter === parameters.setInProgress) return Uint8Array.of(this.#setInProgress);
    if (parameter === parameters.mailbox) {
      if (set >= mailboxBlocks) return 0xc9;
      return Buffer.concat([Uint8Array.of(set), this.#mailbox.get(set) ?? Buffer.alloc(mailboxBlockLength)]);
    }
    const length = lengths[parameter];
    if (length === undefined) return parameterCompletionCodes.notSupported;
    if (parameter === parameters.flags) this.#lapse();
    return this.#values.get(parameter) ?? Buffer.alloc(length);
  }

  /** Sets a parameter; answers the completion code. */
  set(parameter: number, data: Buffer): number {
    if (parameter === parameters.setInProgress) {
      const wanted = (data[0] ?? 0) & 3;
      if (wanted === 1 && this.#setInProgress === 1) return parameterCompletionCodes.setInProgressByOther;
      this.#setInProgress = wanted === 1 ? 1 : 0;
      return 0;
    }
    if (parameter === parameters.mailbox) return this.#setMailbox(data);
    const length = lengths[parameter];
    if (length === undefined) return parameterCompletionCodes.notSupported;
    if (data.length === 0 || data.length > length) return 0xc7;
    const bytes = Buffer.alloc(length);
    data.copy(bytes);
    // The first byte of the acknowledgement says which bits of the second are written.
    if (parameter === parameters.acknowledge) this.#acknowledge(bytes);
    else this.#values.set(parameter, bytes);
    if (parameter === parameters.flags) {
      this.#flagsSetAt = Date.now();
      this.#changed();
    }
    return 0;
  }

  /** The wish that holds now; undefined: none. */
  get wish(): BootWish | undefined {
    this.#lapse();
    const bytes = this.#values.get(parameters.flags);
    if (bytes === undefined) return undefined;
    const { valid, device, efi, persistent } = bootFlags.decode(bytes);
    return valid ? { device, efi, persistent } : undefined;
  }

  /** The machine boots for this cause and takes the wish, which is over with that unless it is persistent. */
  take(cause: number): BootWish | undefined {
    const wish = this.wish;
    if (wish === undefined || wish.persistent) return wish;
    this.#clearValid();
    const ending = endings[cause];
    return ending !== undefined && (this.#keepValid & ending.keptBy) === 0 ? undefined : wish;
  }

  /** A chassis command came: the time in which one has to follow a wish begins anew. */
  chassisCommand(): void {
    this.#flagsSetAt = Date.now();
  }

  get #keepValid(): number {
    return this.#values.get(parameters.keepValid)?.[0] ?? 0;
  }

  #lapse(): void {
    const bytes = this.#values.get(parameters.flags);
    if (bytes === undefined || (this.#keepValid & lapse.keptBy) !== 0 || bootFlags.decode(bytes).persistent) return;
    if (Date.now() - this.#flagsSetAt > lapse.milliseconds) this.#clearValid();
  }

  #clearValid(): void {
    const bytes = this.#values.get(parameters.flags);
    if (bytes !== undefined) bytes[0] = (bytes[0] ?? 0) & ~validBit;
  }

  #acknowledge(bytes: Buffer): void {
    const [mask = 0, data = 0] = bytes;
    const before = this.#values.get(parameters.acknowledge)?.[1] ?? 0;
    this.#values.set(parameters.acknowledge, Buffer.of(0, (before & ~mask) | (data & mask)));
  }

  #setMailbox(data: Buffer): number {
    const set = data[0] ?? mailboxBlocks;
    if (set >= mailboxBlocks) return 0xc9;
    if (data.length > 1 + mailboxBlockLength) return 0xc7;
    const block = Buffer.alloc(mailboxBlockLength);
    data.copy(block, 0, 1);
    this.#mailbox.set(set, block);
    return 0;
  }
}
