// One machine of a fleet: power, what it boots from, and the agent that lives in it while it runs the ramdisk.
import { macOf } from '../machine-identity.ts';
import { type FleetAgent, type FleetAgentOptions, startFleetAgent } from './agent.ts';
import { type FaultName, type FaultShares, faultAt } from './faults.ts';
import { type Span, seededRandom, within } from './random.ts';

export type BootTarget = 'ramdisk' | 'disk' | null;
export type Power = 'power on' | 'power off';

/** Something that happened to a machine and lasts. */
export interface Effect {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly machine: string;
  readonly what: string;
  /** The idempotency key that came with it; null where the caller sent none. */
  readonly key: string | null;
}

export interface FleetMachineOptions {
  readonly index: number;
  readonly seed: number;
  readonly bootSeconds: Span;
  readonly stepSeconds: Span;
  readonly agent: Omit<
    FleetAgentOptions,
    'machine' | 'mac' | 'nodeUuid' | 'stepMilliseconds' | 'random' | 'note' | 'powerOff'
  >;
  readonly onEffect: (effect: Effect) => void;
}

export interface FleetMachine {
  readonly name: string;
  readonly mac: string;
  readonly power: Power;
  readonly bootsFrom: BootTarget;
  /** The agent, while the ramdisk runs. */
  readonly agent: FleetAgent | undefined;
  /** Images written to its disk so far. */
  readonly imagesWritten: number;
  fault(shares: FaultShares): FaultName | null;
  /** Seconds that a slow BMC takes for its next answer. */
  slowness(): number;
  setPower(target: Power, key: string | null): void;
  setBoot(target: BootTarget, key: string | null): void;
  /** Which node it is to the server, where the server told; lookups go by MAC otherwise. */
  setNode(uuid: string): void;
  stop(): void;
}

const SLOW_SECONDS: Span = { least: 2, most: 6 };

/** Makes a machine that is off. */
export function createFleetMachine(options: FleetMachineOptions): FleetMachine {
  const { index, seed, bootSeconds, stepSeconds, onEffect } = options;
  const name = `machine-${index}`;
  const mac = macOf(index);
  const random = seededRandom(seed, name);
  const place = random();
  let power: Power = 'power off';
  let bootsFrom: BootTarget = null;
  let nodeUuid: string | undefined;
  let agent: FleetAgent | undefined;
  let booting: NodeJS.Timeout | undefined;
  let imagesWritten = 0;

  function note(what: string, key: string | null): void {
    if (what === 'write_image') {
      imagesWritten += 1;
    }
    onEffect({ at: Date.now(), machine: name, what, key });
  }

  function halt(): void {
    clearTimeout(booting);
    agent?.stop();
    agent = undefined;
  }

  function boot(): void {
    if (bootsFrom !== 'ramdisk') {
      return;
    }
    booting = setTimeout(() => {
      agent = startFleetAgent({
        ...options.agent,
        machine: name,
        mac,
        nodeUuid,
        random,
        stepMilliseconds: () => within(stepSeconds, random) * 1000,
        note,
        powerOff: () => setPower('power off', null),
      });
    }, within(bootSeconds, random) * 1000);
  }

  function setPower(target: Power, key: string | null): void {
    if (target === power) {
      return;
    }
    power = target;
    note(target, key);
    halt();
    if (target === 'power on') {
      boot();
    }
  }

  return {
    name,
    mac,
    get power() {
      return power;
    },
    get bootsFrom() {
      return bootsFrom;
    },
    get agent() {
      return agent;
    },
    get imagesWritten() {
      return imagesWritten;
    },
    fault: (shares) => faultAt(shares, place),
    slowness: () => within(SLOW_SECONDS, random),
    setPower,
    setBoot(target, key) {
      if (target !== bootsFrom) {
        bootsFrom = target;
        note(`boots from ${target ?? 'nothing'}`, key);
      }
    },
    setNode: (uuid) => {
      nodeUuid = uuid;
    },
    stop: halt,
  };
}
