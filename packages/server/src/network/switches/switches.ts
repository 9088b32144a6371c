// The switches of the operator: which one a port is plugged into, how its ports are, and making them as they should be.
import { readFile } from 'node:fs/promises';
import { registeredError } from '@wrought/contract';
import { type Config, ConfigError } from '../../config/index.ts';
import { openOpenvswitch } from './openvswitch.ts';
import { placeInWords } from './ovsdb/client.ts';
import { formatPortConfig, isSamePort, type PortState, vlansOf } from './port-config.ts';
import { type SeenPort, SwitchError, type SwitchSession, type WantedPort } from './switch-driver.ts';
import { type OpenvswitchAccess, readSwitchFile, type SwitchDefinition } from './switch-file.ts';
import { formatVlans, parseVlans } from './vlans.ts';

export interface Switches {
  /** All switches of the file. @throws RegisteredError InvalidParameterValue when it can not be used */
  definitions(): Promise<readonly SwitchDefinition[]>;
  /** How ports are now. @throws SwitchError */
  read(definition: SwitchDefinition, names: readonly string[], signal: AbortSignal): Promise<readonly SeenPort[]>;
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
  const { database } = access;
  return `switch "${name}" (${placeInWords(database.kind === 'ssl' ? { ...database, ca: '' } : database)})`;
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

async function readSecret(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SwitchError(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function openvswitchSession(access: OpenvswitchAccess, timeoutSeconds: number, signal: AbortSignal) {
  const { database, bridge, caFile, certificateFile, keyFile } = access;
  if (database.kind !== 'ssl') {
    return openOpenvswitch({ place: database, bridge, timeoutSeconds }, signal);
  }
  const place = {
    ...database,
    ca: await readSecret(caFile ?? ''),
    ...(certificateFile === null ? {} : { certificate: await readSecret(certificateFile) }),
    ...(keyFile === null ? {} : { key: await readSecret(keyFile) }),
  };
  return openOpenvswitch({ place, bridge, timeoutSeconds }, signal);
}

/** Makes the switches that the configuration names. */
export function createSwitches(config: () => Config): Switches {
  /** The last work on each switch: sessions with a switch come one after the other. */
  const last = new Map<string, Promise<unknown>>();

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
    return inTurn(definition.name, async () => {
      const session = await openvswitchSession(definition.access, config().ironic_networking.switch_timeout, signal);
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
      try {
        return await readSwitchFile(file);
      } catch (error) {
        if (error instanceof ConfigError) {
          throw registeredError('InvalidParameterValue', {
            reason: `The file with the switches can not be used. ${error.message}`,
          });
        }
        throw error;
      }
    },
    read: (definition, names, signal) => withSession(definition, signal, (session) => session.readPorts(names)),
    apply: (definition, ports, signal) =>
      withSession(definition, signal, async (session) => {
        const different = async () => {
          const seen = await session.readPorts(ports.map(({ name }) => name));
          return ports.flatMap((port, index) => {
            const found = seen[index];
            return found?.state != null && isSamePort(found.state, port.state) ? [] : [{ port, found }];
          });
        };
        const before = (await different()).map(({ port }) => port);
        if (before.length === 0) {
          return [];
        }
        await session.writePorts(before);
        const [wrong] = await different();
        if (wrong !== undefined) {
          const { found, port } = wrong;
          const is = found === undefined ? 'gone' : found.state === null ? found.reason : portInWords(found.state);
          throw new SwitchError(
            `the switch took the change, but port ${port.name} is not ${portInWords(port.state)} afterwards: ${is}. Look at the log of the switch.`,
          );
        }
        return before;
      }),
  };
}
