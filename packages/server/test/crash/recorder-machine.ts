// A machine as the recorder plays it: power, boot target, networks, and a log of every effect that reached it.
import { type AgentConversation, startAgent } from './recorder-agent.ts';

/** Time from power-on until the ramdisk's agent is up. */
const BOOT_MILLISECONDS = 10;

/** A crossing of a boundary, as the server under test tells it right before it goes on (or is killed). */
export interface Crossing {
  readonly boundary: string;
  readonly flow: string;
  readonly step: string;
  /** What carries the step out: the name of an interface implementation, "flow" or "agent". */
  readonly by: string;
  /** "RUN/PHASE/POSITION": the idempotency key of the step's task. */
  readonly key: string;
}

/** One effect on the machine. */
export interface Effect {
  readonly flow: string;
  readonly step: string;
  readonly by: string;
  readonly effect: string;
  readonly key: string;
}

/** What of a machine can be compared between two runs. */
export interface MachineState {
  readonly power: 'power on' | 'power off';
  readonly bootsFrom: 'ramdisk' | 'disk' | null;
  readonly networks: readonly string[];
  readonly vifs: readonly string[];
  readonly facts: readonly string[];
}

export interface MachineReport {
  readonly state: MachineState;
  readonly effects: readonly Effect[];
  readonly crossings: readonly Crossing[];
  /** What went wrong on the machine's side, such as an agent that got no token. */
  readonly problems: readonly string[];
}

export interface MachineOptions {
  readonly power: MachineState['power'];
  readonly vifs: readonly string[];
  /** An agent that knows no idempotency keys and declares no recovery, as Ironic's. */
  readonly foreignAgent: boolean;
}

/** Makes a machine; it lives until the recorder ends. */
export function createMachine(nodeUuid: string, options: MachineOptions) {
  const effects: Effect[] = [];
  const crossings: Crossing[] = [];
  const problems: string[] = [];
  const networks = new Set<string>();
  const vifs = new Set(options.vifs);
  const facts = new Set<string>();
  let power = options.power;
  let bootsFrom: MachineState['bootsFrom'] = null;
  let door: string | null = null;
  let agent: AgentConversation | undefined;

  function note(key: string, effect: string): void {
    const crossing = crossings.findLast((each) => key.startsWith(each.key));
    const { flow, step, by } = crossing ?? { flow: 'none', step: 'none', by: 'none' };
    effects.push({ flow, step, by, effect, key: crossing?.key ?? key });
  }

  function boot(): void {
    if (bootsFrom === 'ramdisk') {
      agent = startAgent({
        nodeUuid,
        foreign: options.foreignAgent,
        bootMilliseconds: BOOT_MILLISECONDS,
        door: () => door,
        // A foreign agent does not know for which step it works; the newest crossing is that step.
        note: (key, effect) => note(key ?? crossings.at(-1)?.key ?? '', effect),
        problem: (text) => problems.push(text),
        powerOff: () => setPower('', 'power off'),
      });
    }
  }

  function setPower(key: string, target: MachineState['power']): void {
    if (target === power) {
      return;
    }
    power = target;
    note(key, target);
    agent?.stop();
    agent = undefined;
    if (target === 'power on') {
      boot();
    }
  }

  return {
    setPower,
    setDoor(url: string): void {
      door = url;
    },
    cross(crossing: Crossing): void {
      crossings.push(crossing);
    },
    /** Applies an effect; its name says what it changes: "network+ cleaning", "boot ramdisk", "vif- ID", anything else is a fact. */
    apply(key: string, effect: string): void {
      note(key, effect);
      const [verb, name = ''] = effect.split(' ', 2);
      if (verb === 'boot') {
        bootsFrom = name === 'ramdisk' || name === 'disk' ? name : null;
      } else if (verb === 'network+') {
        networks.add(name);
      } else if (verb === 'network-') {
        networks.delete(name);
      } else if (verb === 'vif-') {
        vifs.delete(name);
      } else {
        facts.add(effect);
      }
    },
    report: (): MachineReport => ({
      state: { power, bootsFrom, networks: [...networks].sort(), vifs: [...vifs].sort(), facts: [...facts].sort() },
      effects,
      crossings,
      problems,
    }),
    stop: () => agent?.stop(),
  };
}

export type Machine = ReturnType<typeof createMachine>;
