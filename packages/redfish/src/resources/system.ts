// Computer systems: which there are, what they are, and their power (ComputerSystem schema v1.24).
import { allowedValues, hasAction } from '../action.ts';
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import { readStatus, type Status } from './health.ts';
import { partOfRoot } from './root.ts';

const powerStates = ['On', 'Off', 'PoweringOn', 'PoweringOff', 'Paused'] as const;
export type PowerState = (typeof powerStates)[number];

/** Resource schema, ResetType. */
export type ResetType =
  | 'On'
  | 'ForceOff'
  | 'GracefulShutdown'
  | 'GracefulRestart'
  | 'ForceRestart'
  | 'Nmi'
  | 'ForceOn'
  | 'PushPowerButton'
  | 'PowerCycle'
  | 'FullPowerCycle'
  | 'Suspend'
  | 'Pause'
  | 'Resume';

export interface System {
  readonly path: string;
  readonly name: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly sku: string | undefined;
  readonly partNumber: string | undefined;
  readonly serialNumber: string | undefined;
  readonly uuid: string | undefined;
  readonly assetTag: string | undefined;
  readonly hostName: string | undefined;
  readonly biosVersion: string | undefined;
  /** `Physical`, `Composed`, `DPU` and so on. */
  readonly systemType: string | undefined;
  readonly powerState: PowerState | undefined;
  /** BootProgress, such as `OSRunning`. */
  readonly bootProgress: string | undefined;
  readonly memoryGiB: number | undefined;
  readonly processorCount: number | undefined;
  readonly processorModel: string | undefined;
  readonly logicalProcessorCount: number | undefined;
  readonly status: Status;
}

/** Reads what a system says of itself. */
export function readSystem(system: Resource): System {
  const processors = system.object('ProcessorSummary');
  return {
    path: system.path,
    name: system.text('Name'),
    manufacturer: system.text('Manufacturer'),
    model: system.text('Model'),
    sku: system.text('SKU'),
    partNumber: system.text('PartNumber'),
    serialNumber: system.text('SerialNumber'),
    uuid: system.text('UUID'),
    assetTag: system.text('AssetTag'),
    hostName: system.text('HostName'),
    biosVersion: system.text('BiosVersion'),
    systemType: system.text('SystemType'),
    powerState: system.enumeration('PowerState', powerStates),
    bootProgress: system.object('BootProgress')?.text('LastState'),
    memoryGiB: system.object('MemorySummary')?.number('TotalSystemMemoryGiB'),
    processorCount: processors?.number('Count'),
    processorModel: processors?.text('Model'),
    logicalProcessorCount: processors?.number('LogicalProcessorCount'),
    status: readStatus(system),
  };
}

/** The serial number on the label of a system, which not every maker has as `SerialNumber`. */
export const labelledSerialNumber = ({ behaviour }: Client, system: Resource): string | undefined =>
  system.text(behaviour.serialNumber) ?? system.text('SerialNumber');

/** Reads all systems of a service. */
export async function listSystems(client: Client, options: CallOptions = {}): Promise<Resource[]> {
  return client.members(await partOfRoot(client, 'Systems', options), options);
}

/**
 * Reads the one system of a service.
 *
 * @throws UnsupportedError when there is none, or more than one: the paths to choose from are in it.
 */
export async function onlySystem(client: Client, options: CallOptions = {}): Promise<Resource> {
  const systems = await listSystems(client, options);
  const [system, ...others] = systems;
  if (system !== undefined && others.length === 0) return system;
  const paths = systems.map(({ path }) => path);
  const root = await client.root(options);
  throw new UnsupportedError(root.named(), `the BMC has ${systems.length} systems; name the one that is meant`, paths);
}

/** The reset types that a system takes; undefined when it does not say. */
export async function resetTypes(
  client: Client,
  system: Resource,
  options: CallOptions = {},
): Promise<readonly string[] | undefined> {
  if (!hasAction(system, 'ComputerSystem.Reset')) return [];
  return allowedValues(client, system, 'ComputerSystem.Reset', 'ResetType', options);
}

/**
 * Resets a system, or switches it on or off.
 *
 * @param types what will do, best first: the first one that the system takes is used.
 * @returns the answer, and the type that was used.
 * @throws UnsupportedError when the system takes none of them.
 */
export async function resetSystem(
  client: Client,
  system: Resource,
  types: ResetType | readonly [ResetType, ...ResetType[]],
  options: CallOptions = {},
): Promise<Answer & { readonly type: ResetType }> {
  const wanted = typeof types === 'string' ? ([types] as const) : types;
  const allowed = await resetTypes(client, system, options);
  const type = allowed === undefined ? wanted[0] : (wanted.find((each) => allowed.includes(each)) ?? wanted[0]);
  const answer = await client.action(system, 'ComputerSystem.Reset', { ResetType: type }, options);
  return { ...answer, type };
}

/** Sets the asset tag. */
export const setAssetTag = (client: Client, system: Resource, tag: string, options?: CallOptions): Promise<Answer> =>
  client.patch(system, { AssetTag: tag }, options);
