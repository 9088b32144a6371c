// The machine as its BMC sees it: power, boot options, identify light. Whoever simulates the machine listens to changes.
import { BootOptions, type BootWish } from './boot-options.ts';

export type Power = 'on' | 'off';

export type ChassisChange =
  /** The power changed; on "on" the machine boots as `boot` says (undefined: as its firmware is set up). */
  | { readonly what: 'power'; readonly power: Power; readonly boot: BootWish | undefined }
  /** A reset without loss of power: it boots again. */
  | { readonly what: 'reset'; readonly boot: BootWish | undefined }
  | { readonly what: 'diagnostic interrupt' }
  | { readonly what: 'boot options' }
  | { readonly what: 'identify'; readonly seconds: number | 'on' };

export type ChassisListener = (change: ChassisChange) => void;

/** Numbers of the restart causes (IPMI 2.0, 28.11) that happen here. */
export const restartCause = { unknown: 0, chassisControl: 1, powerButton: 3, watchdog: 4 } as const;

/** Power restore policies by number: what happens when the supply comes back. */
export type RestorePolicy = 0 | 1 | 2;

const millisecondsAMinute = 60_000;

export class Chassis {
  #power: Power = 'off';
  #listeners: ChassisListener[] | undefined;
  #boot: BootOptions | undefined;
  #onSince = 0;
  #onMilliseconds = 0;
  #identifyUntil = 0;
  restorePolicy: RestorePolicy = 0;
  /** Whether the last power-on came from an IPMI command. */
  poweredByCommand = false;
  restartCause: number = restartCause.unknown;
  /** Bits of Set Front Panel Enables: buttons that are disabled. */
  disabledButtons = 0;

  get power(): Power {
    return this.#power;
  }

  /** Calls the listener with each change; the function that is returned ends that. */
  onChange(listener: ChassisListener): () => void {
    this.#listeners = [...(this.#listeners ?? []), listener];
    return () => {
      this.#listeners = this.#listeners?.filter((each) => each !== listener);
    };
  }

  /** Switches, with a command or from outside (the machine switched itself off, somebody pressed the button). */
  setPower(power: Power, cause: number = restartCause.powerButton): void {
    if (power === this.#power) return;
    const now = Date.now();
    if (power === 'on') this.#onSince = now;
    else this.#onMilliseconds += now - this.#onSince;
    this.#power = power;
    if (power === 'on') this.restartCause = cause;
    this.poweredByCommand = power === 'on' && cause === restartCause.chassisControl;
    this.#tell({ what: 'power', power, boot: power === 'on' ? this.#boot?.take(cause) : undefined });
  }

  /** Boots a machine again that is on. */
  reset(cause: number): void {
    this.restartCause = cause;
    this.#tell({ what: 'reset', boot: this.#boot?.take(cause) });
  }

  diagnosticInterrupt(): void {
    this.#tell({ what: 'diagnostic interrupt' });
  }

  /** The supply went away and came back: the policy decides. */
  restoreSupply(): void {
    const before = this.#power;
    this.setPower('off', restartCause.unknown);
    if (this.restorePolicy === 2 || (this.restorePolicy === 1 && before === 'on')) {
      this.setPower('on', restartCause.unknown);
    }
  }

  /** Lights the identify LED; 0 puts it out. */
  identify(seconds: number | 'on'): void {
    this.#identifyUntil = seconds === 'on' ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
    this.#tell({ what: 'identify', seconds });
  }

  get identifyState(): 'off' | 'temporary on' | 'indefinite on' {
    if (this.#identifyUntil === Number.POSITIVE_INFINITY) return 'indefinite on';
    return this.#identifyUntil > Date.now() ? 'temporary on' : 'off';
  }

  /** Minutes with power so far. */
  get powerOnMinutes(): number {
    const running = this.#power === 'on' ? Date.now() - this.#onSince : 0;
    return Math.floor((this.#onMilliseconds + running) / millisecondsAMinute);
  }

  get bootOptions(): BootOptions {
    this.#boot ??= new BootOptions(() => this.#tell({ what: 'boot options' }));
    return this.#boot;
  }

  #tell(change: ChassisChange): void {
    for (const listener of this.#listeners ?? []) listener(change);
  }
}
