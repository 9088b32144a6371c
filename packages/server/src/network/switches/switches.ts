// The switches of the operator: which one a port is plugged into, how its ports are, and making them as they should be.
import { stat } from 'node:fs/promises';
import { registeredError } from '@wrought/contract';
import { type Config, ConfigError } from '../../config/index.ts';
import { openSession } from './open-session.ts';
import { placeInWords } from './ovsdb/client.ts';
import { formatPortConfig, isSamePort, type PortState, vlansOf } from './port-config.ts';
import { type SeenPort, SwitchError, type SwitchSession, type WantedPort } from './switch-driver.ts';
import { readSwitchFile, type SwitchDefinition } from './switch-file.ts';
import { formatVlans, parseVlans } from './vlans.ts';

/** A port as it is, and whether it is as it is to be; null where that is not known. */
export interface ComparedPort {
  readonly seen: SeenPort;
  readonly matches: boolean | null;
}

export interface Switches {
  /** All switches of the file. @throws RegisteredError InvalidParameterValue when it can not be used */
  definitions(): Promise<readonly SwitchDefinition[]>;
  /** How ports are now, beside how they are to be. @throws SwitchError */
  compare(
    definition: SwitchDefinition,
    ports: readonly { readonly name: string; readonly state: PortState | null }[],
    signal: AbortSignal,
  ): Promise<readonly ComparedPort[]>;
  /**
   * Makes ports so, and looks whether they are. Ports that are so already are not touched. Safe to repeat.
   * @returns those that were changed
   * @throws SwitchError
   */
  apply(
    definition: SwitchDefinition,
    ports: readonly WantedPort[],
    signal: AbortSignal,
  ): Promise<readonly WantedPort[]>;
}

/** How a switch is called in messages: its name, and where it is. */
export function switchInWords({ name, access }: SwitchDefinition): string {
  if (access.type === 'ssh') {
    return `switch "${name}" (${access.profile.name}, ssh ${access.username}@${access.address} port ${access.port})`;
  }
  return `switch "${name}" (${placeInWords(access.database)})`;
}

/** Says which VLANs of a port the operator does not allow on the switch, and where; null when all are allowed. */
export function forbiddenVlans(definition: SwitchDefinition, state: PortState, config: Config): string | null {
  const own = definition.allowedVlans;
  const common = config.ironic_networking.allowed_vlans.join(',');
  const allowed = own ?? (common === '' ? null : (parseVlans(common) ?? []));
  const forbidden = allowed === null ? [] : vlansOf(state).filter((vlan) => !allowed.includes(vlan));
  if (forbidden.length === 0) {
    return null;
  }
  const where =
    own === null
      ? `ironic_networking.allowed_vlans (${common})`
      : `allowed_vlans of switch "${definition.name}" (${formatVlans(own)})`;
  return `VLAN ${formatVlans(forbidden)} is not among ${where}`;
}

/** A port as messages tell it. */
export function portInWords(state: PortState): string {
  const { lag } = state;
  return `${formatPortConfig(state)}${lag === null ? '' : ` in the ${lag.aggregation} group "${lag.name}"`}`;
}

/** The state with the group as the switch calls it. @throws SwitchError */
function asNamedBy(session: SwitchSession, state: PortState): PortState {
  const { lag } = state;
  return lag === null ? state : { ...state, lag: { ...lag, name: session.groupName(lag.name) } };
}

async function compare(
  session: SwitchSession,
  ports: readonly { readonly name: string; readonly state: PortState | null }[],
): Promise<readonly ComparedPort[]> {
  const all = await session.readPorts(ports.map(({ name }) => name));
  return all.map((seen, index) => {
    const state = ports[index]?.state ?? null;
    if (state === null) {
      return { seen, matches: null };
    }
    // What can not be told as a state is none that is ever intended.
    return { seen, matches: seen.state !== null && isSamePort(asNamedBy(session, state), seen.state) };
  });
}

/** What tells whether a file is the one that was read before; undefined where it can not be looked at, which its reader tells. */
async function stampOf(file: string): Promise<string | undefined> {
  const seen = await stat(file, { bigint: true }).catch(() => undefined);
  return seen === undefined ? undefined : [file, seen.ino, seen.size, seen.mtimeNs, seen.ctimeNs].join(' ');
}

/** Makes the switches that the configuration names. */
export function createSwitches(config: () => Config): Switches {
  /** The last work on each switch: sessions with a switch come one after the other. */
  const last = new Map<string, Promise<unknown>>();
  /** Why no session with a switch could be opened, and when that was known (`performance.now()`). */
  const silent = new Map<string, { readonly error: SwitchError; readonly at: number }>();
  /** The file as it was read last: every look at a node asks for it. */
  let known: { readonly stamp: string; readonly definitions: readonly SwitchDefinition[] } | undefined;

  async function inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) {
        last.delete(name);
      }
    }
  }

  function withSession<Result>(
    definition: SwitchDefinition,
    signal: AbortSignal,
    work: (session: SwitchSession) => Promise<Result>,
  ): Promise<Result> {
    const { name, access } = definition;
    const asked = performance.now();

    async function open(): Promise<SwitchSession> {
      const failure = silent.get(name);
      // Whoever stood in line meanwhile was waiting for the same answer: many machines at a silent switch fail together.
      if (failure !== undefined && failure.at > asked) {
        throw failure.error;
      }
      silent.delete(name);
      try {
        return await openSession(access, config().ironic_networking.switch_timeout, signal);
      } catch (error) {
        if (error instanceof SwitchError && !signal.aborted) {
          silent.set(name, { error, at: performance.now() });
        }
        throw error;
      }
    }

    return inTurn(name, async () => {
      const session = await open();
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    });
  }

  return {
    async definitions() {
      const file = config().ironic_networking.switch_config_file;
      if (file === null) {
        return [];
      }
      const stamp = await stampOf(file);
      if (stamp !== undefined && stamp === known?.stamp) {
        return known.definitions;
      }
      try {
        const definitions = await readSwitchFile(file);
        known = stamp === undefined ? undefined : { stamp, definitions };
        return definitions;
      } catch (error) {
        if (error instanceof ConfigError) {
          throw registeredError('InvalidParameterValue', {
            reason: `The file with the switches can not be used. ${error.message}`,
          });
        }
        throw error;
      }
    },
    compare: (definition, ports, signal) => withSession(definition, signal, (session) => compare(session, ports)),
    apply: (definition, ports, signal) =>
      withSession(definition, signal, async (session) => {
        const wanted = ports.map((port) => ({ ...port, state: asNamedBy(session, port.state) }));
        const different = async () => {
          const compared = await compare(session, wanted);
          return wanted.flatMap((port, index) => {
            const { seen, matches } = compared[index] ?? {};
            return matches === true ? [] : [{ port, seen }];
          });
        };
        const before = (await different()).map(({ port }) => port);
        if (before.length === 0) {
          return [];
        }
        await session.writePorts(before);
        const [wrong] = await different();
        if (wrong !== undefined) {
          const { seen, port } = wrong;
          const is = seen === undefined ? 'gone' : seen.state === null ? seen.reason : portInWords(seen.state);
          throw new SwitchError(
            `the switch took the change, but port ${port.name} is not ${portInWords(port.state)} afterwards: ${is}. Look at the log of the switch.`,
          );
        }
        return before;
      }),
  };
}
