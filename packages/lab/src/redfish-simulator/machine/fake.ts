// A machine that is a power state and nothing else: commands are done at once.
import type { BootChoice, InsertedMedia, MachineEvent, PowerChange, PowerState, RedfishMachine } from './machine.ts';

export class FakeMachine implements RedfishMachine {
  #power: PowerState = 'Off';
  #next: BootChoice | undefined;
  #booted: BootChoice | undefined;
  #boots = 0;
  #media: Map<string, InsertedMedia> | undefined;
  #listener: ((event: MachineEvent) => void) | undefined;

  get power(): PowerState {
    return this.#power;
  }

  /** What the last boot was from; undefined: as the firmware is set up, or there was none. */
  get booted(): BootChoice | undefined {
    return this.#booted;
  }

  /** How often it booted. */
  get boots(): number {
    return this.#boots;
  }

  /** Images by the drive that they are in. */
  get media(): ReadonlyMap<string, InsertedMedia> {
    return this.#media ?? new Map();
  }

  change(change: PowerChange): void {
    switch (change) {
      case 'on':
        this.setPower('On');
        break;
      case 'off':
      case 'soft off':
        this.setPower('Off');
        break;
      case 'button':
        this.setPower(this.#power === 'On' ? 'Off' : 'On');
        break;
      case 'cycle':
        this.setPower('Off');
        this.setPower('On');
        break;
      case 'restart':
      case 'soft restart':
        if (this.#power === 'On') this.#boot();
        else this.setPower('On');
        break;
      case 'interrupt':
        break;
    }
  }

  /** Switches it, also from outside: somebody pressed the button, or it switched itself off. */
  setPower(power: PowerState): void {
    if (power === this.#power) return;
    this.#power = power;
    this.#listener?.(power === 'On' ? 'power on' : 'power off');
    if (power === 'On') this.#boot();
  }

  prepareBoot(choice: BootChoice | undefined): void {
    this.#next = choice;
  }

  insert(drive: string, media: InsertedMedia): void {
    this.#media ??= new Map();
    this.#media.set(drive, media);
  }

  eject(drive: string): void {
    this.#media?.delete(drive);
  }

  listen(listener: (event: MachineEvent) => void): void {
    this.#listener = listener;
  }

  #boot(): void {
    this.#booted = this.#next;
    this.#boots += 1;
    this.#listener?.('boot');
  }
}
