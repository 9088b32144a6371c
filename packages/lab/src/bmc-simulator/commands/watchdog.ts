// The watchdog timer of a simulated BMC, which does to the machine what it says (IPMI 2.0, section 27).
import { bmcAddress } from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import { restartCause } from '../chassis.ts';
import { eventLogOf } from '../event-log.ts';
import { perBmc } from '../per-bmc.ts';
import { type Answer, type CommandContext, type CommandTable, command, completion } from './command.ts';

const neverSet = 0x80;
const runningBit = 0x40;
const keepsRunning = 0x40;
const millisecondsACount = 100;
const useMask = 0x07;
const doNotLog = 0x80;
const watchdogSensor = 0x23;
const sensorSpecific = 0x6f;
const secondByteIsSpecific = 0xc0;

/** What happens at the end, by the number of the action. */
const actions: Readonly<Record<number, (bmc: Bmc) => void>> = {
  1: ({ chassis }) => {
    if (chassis.power === 'on') chassis.reset(restartCause.watchdog);
  },
  2: ({ chassis }) => chassis.setPower('off', restartCause.watchdog),
  3: ({ chassis }) => {
    if (chassis.power === 'off') return;
    chassis.setPower('off', restartCause.watchdog);
    chassis.setPower('on', restartCause.watchdog);
  },
};

class Watchdog {
  #settings: Buffer | undefined;
  #expired = 0;
  #end: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #bmc: Bmc;

  constructor(bmc: Bmc) {
    this.#bmc = bmc;
  }

  set(settings: Buffer): void {
    const [use = 0] = settings;
    const wasRunning = this.#end !== undefined;
    this.#expired &= ~(settings[3] ?? 0);
    this.#settings = Buffer.from(settings);
    this.#stop();
    if (wasRunning && (use & keepsRunning) !== 0) this.start();
  }

  /** Starts it, or starts it over; false when it was never set. */
  start(): boolean {
    const settings = this.#settings;
    if (settings === undefined) return false;
    this.#stop();
    const milliseconds = settings.readUInt16LE(4) * millisecondsACount;
    this.#end = Date.now() + milliseconds;
    this.#timer = setTimeout(() => this.#expire(settings), milliseconds).unref();
    return true;
  }

  get bytes(): Buffer {
    const bytes = Buffer.alloc(8);
    if (this.#settings === undefined) return bytes;
    bytes.set(this.#settings.subarray(0, 6));
    bytes[0] = ((bytes[0] ?? 0) & ~runningBit) | (this.#end === undefined ? 0 : runningBit);
    bytes[3] = this.#expired;
    const initial = bytes.readUInt16LE(4);
    const left = this.#end === undefined ? initial : Math.ceil((this.#end - Date.now()) / millisecondsACount);
    bytes.writeUInt16LE(Math.min(initial, Math.max(0, left)), 6);
    return bytes;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#end = undefined;
  }

  #expire(settings: Buffer): void {
    this.#stop();
    this.#expired |= 1 << ((settings[0] ?? 0) & useMask);
    const action = (settings[1] ?? 0) & useMask;
    if (((settings[0] ?? 0) & doNotLog) === 0) this.#log(action, (settings[0] ?? 0) & useMask);
    actions[action]?.(this.#bmc);
  }

  #log(action: number, use: number): void {
    eventLogOf(this.#bmc).add({
      type: 'system event',
      ...{ recordId: 0, timestamp: 0, messageRevision: 4, sensorNumber: 0 },
      generator: { kind: 'controller', address: bmcAddress, channel: 0, lun: 0 },
      sensorType: watchdogSensor,
      direction: 'assertion',
      eventType: sensorSpecific,
      // The offsets are the actions in their order; the second byte says who used the timer.
      data: [action | secondByteIsSpecific, use, 0xff],
    });
  }
}

const watchdogOf = perBmc((bmc) => new Watchdog(bmc));

export const watchdogCommands: CommandTable = {
  34: command('operator', 0, ({ bmc }: CommandContext): Answer => (watchdogOf(bmc).start() ? completion.ok : neverSet)),
  36: command('operator', 6, ({ bmc, data }) => {
    watchdogOf(bmc).set(data);
    return completion.ok;
  }),
  37: command('user', 0, ({ bmc }) => watchdogOf(bmc).bytes),
};
