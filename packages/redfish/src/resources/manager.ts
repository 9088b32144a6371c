// Managers, which BMCs are: what they are, reset, clock, network services, consoles (Manager, ManagerNetworkProtocol schemas).
import { allowedValues } from '../action.ts';
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Fields } from '../fields.ts';
import type { Resource } from '../resource.ts';
import { readStatus, type Status } from './health.ts';
import { partOfRoot } from './root.ts';
import type { ResetType } from './system.ts';

/** What a manager says of one kind of console. */
export interface ConsoleService {
  readonly isEnabled: boolean | undefined;
  readonly maximumSessions: number | undefined;
  /** Such as `KVMIP`, `SSH`, `Telnet`, `IPMI`, `Oem`. */
  readonly connectTypes: readonly string[];
}

export interface Manager {
  readonly path: string;
  readonly name: string | undefined;
  readonly model: string | undefined;
  /** `BMC`, `ManagementController`, `EnclosureManager` and so on. */
  readonly managerType: string | undefined;
  readonly manufacturer: string | undefined;
  readonly uuid: string | undefined;
  readonly firmwareVersion: string | undefined;
  /** ISO 8601, in the manager's own time zone. */
  readonly dateTime: string | undefined;
  readonly dateTimeLocalOffset: string | undefined;
  readonly lastResetTime: string | undefined;
  readonly graphicalConsole: ConsoleService | undefined;
  readonly serialConsole: ConsoleService | undefined;
  readonly commandShell: ConsoleService | undefined;
  readonly status: Status;
}

const consoleOf = (fields: Fields | undefined): ConsoleService | undefined =>
  fields && {
    isEnabled: fields.boolean('ServiceEnabled'),
    maximumSessions: fields.number('MaxConcurrentSessions'),
    connectTypes: fields.strings('ConnectTypesSupported'),
  };

/** Reads what a manager says of itself. */
export function readManager(manager: Resource): Manager {
  return {
    path: manager.path,
    name: manager.text('Name'),
    model: manager.text('Model'),
    managerType: manager.text('ManagerType'),
    manufacturer: manager.text('Manufacturer'),
    uuid: manager.text('UUID'),
    firmwareVersion: manager.text('FirmwareVersion'),
    dateTime: manager.text('DateTime'),
    dateTimeLocalOffset: manager.text('DateTimeLocalOffset'),
    lastResetTime: manager.text('LastResetTime'),
    graphicalConsole: consoleOf(manager.object('GraphicalConsole')),
    serialConsole: consoleOf(manager.object('SerialConsole')),
    commandShell: consoleOf(manager.object('CommandShell')),
    status: readStatus(manager),
  };
}

/** Reads all managers of a service. */
export async function listManagers(client: Client, options: CallOptions = {}): Promise<Resource[]> {
  return client.members(await partOfRoot(client, 'Managers', options), options);
}

/**
 * Reads the managers of a system. Some services do not name them at the system: then those that name the system, or the
 * only one there is.
 *
 * @throws UnsupportedError when none is to be found.
 */
export async function managersOf(client: Client, system: Resource, options: CallOptions = {}): Promise<Resource[]> {
  const links = system.object('Links');
  const named = links?.links('ManagedBy') ?? [];
  const paths = named.length > 0 ? named : (links?.links('Managers') ?? []);
  const found: Resource[] = [];
  for (const path of paths) found.push(await client.get(path, options));
  if (found.length > 0) return found;
  const all = await listManagers(client, options);
  const managing = all.filter((each) => each.object('Links')?.links('ManagerForServers').includes(system.path));
  if (managing.length > 0) return managing;
  if (all.length === 1) return all;
  throw new UnsupportedError(system.named(), 'the BMC does not tell which manager the system has');
}

/**
 * Resets a manager: gracefully where it can, unless a type is given. It is away for minutes afterwards, and its sessions are gone.
 *
 * @throws UnsupportedError when the manager cannot be reset, or not in this way.
 */
export async function resetManager(
  client: Client,
  manager: Resource,
  type?: ResetType,
  options: CallOptions = {},
): Promise<Answer> {
  const allowed = await allowedValues(client, manager, 'Manager.Reset', 'ResetType', options);
  const usual = allowed === undefined || allowed.includes('GracefulRestart') ? 'GracefulRestart' : 'ForceRestart';
  return client.action(manager, 'Manager.Reset', { ResetType: type ?? usual }, options);
}

/**
 * Sets the clock of a manager.
 *
 * @param time is sent in whole seconds: that is what all BMCs understand.
 * @param offset such as `+00:00`; sent only when it differs, because some BMCs refuse the one they have. The time is written in it.
 */
export async function setClock(
  client: Client,
  manager: Resource,
  time: Date,
  offset?: string,
  options: CallOptions = {},
): Promise<Answer> {
  const now = manager.text('DateTimeLocalOffset');
  const written = offset ?? now ?? '+00:00';
  const match = /^([+-])(\d\d):(\d\d)$/.exec(written);
  if (match === null) throw new RangeError(`"${written}" is no offset of a time zone; give +hh:mm or -hh:mm`);
  const minutes = (Number(match[2]) * 60 + Number(match[3])) * (match[1] === '-' ? -1 : 1);
  const shifted = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  const DateTime = `${shifted}${written}`;
  const DateTimeLocalOffset = offset !== undefined && offset !== now ? offset : undefined;
  return client.patch(
    manager,
    DateTimeLocalOffset === undefined ? { DateTime } : { DateTime, DateTimeLocalOffset },
    options,
  );
}

export interface NetworkService {
  /** `HTTPS`, `SSH`, `IPMI`, `SNMP`, `KVMIP`, `VirtualMedia`, `NTP` and so on. */
  readonly name: string;
  readonly isEnabled: boolean | undefined;
  readonly port: number | undefined;
}

export interface NetworkProtocol {
  readonly hostName: string | undefined;
  readonly fqdn: string | undefined;
  readonly ntpServers: readonly string[];
  readonly services: readonly NetworkService[];
}

/**
 * Reads which network services a manager offers.
 *
 * @throws UnsupportedError when it does not tell.
 */
export async function readNetworkProtocol(
  client: Client,
  manager: Resource,
  options: CallOptions = {},
): Promise<NetworkProtocol> {
  const protocol = await client.get(manager.mustLink('NetworkProtocol'), options);
  const services: NetworkService[] = [];
  for (const [name, value] of Object.entries(protocol.json)) {
    if (typeof value !== 'object' || value === null || !('ProtocolEnabled' in value)) continue;
    const fields = protocol.object(name);
    services.push({ name, isEnabled: fields?.boolean('ProtocolEnabled'), port: fields?.number('Port') });
  }
  return {
    hostName: protocol.text('HostName'),
    fqdn: protocol.text('FQDN'),
    ntpServers: protocol.object('NTP')?.strings('NTPServers') ?? [],
    services,
  };
}
