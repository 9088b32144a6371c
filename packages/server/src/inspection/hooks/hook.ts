// What an inspection hook is: a function from what the ramdisk told to what is learned of the node.
import type { FoundPort, JsonObject } from '@wrought/contract';

/** What the ramdisk told: the inventory, and what came beside it. Neither is trusted to have any shape. */
export interface InspectionData {
  readonly inventory: JsonObject;
  readonly pluginData: JsonObject;
  /** Names of physical networks by networks: inspector.physical_network_cidr_map. */
  readonly physicalNetworks: Readonly<Record<string, string>>;
}

/** What was learned so far. */
export interface Finding {
  /** Merged into the properties of the node. */
  readonly properties: JsonObject;
  /** Network cards, by MAC address in lower case. */
  readonly cards: readonly { readonly address: string; readonly isBootCard: boolean }[];
  /** What the ports of these addresses are told, where the node has such a port. */
  readonly ports: readonly FoundPort[];
  /** Added to the plugin data. */
  readonly pluginData: JsonObject;
}

/** Adds to the finding. Throws InspectionFailure when the inspection is of no use. */
export type InspectionHook = (data: InspectionData, found: Finding) => Finding;

/** The inspection is of no use; the message says why. */
export class InspectionFailure extends Error {}

/** The member as an object; an empty one when it is none. */
export function objectAt(data: JsonObject, name: string): JsonObject {
  const value = data[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The members of a list that are objects. */
export function objectsAt(data: JsonObject, name: string): readonly JsonObject[] {
  const value = data[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

/** The member when it is a finite number above zero. */
export function numberAt(data: JsonObject, name: string): number | undefined {
  const value = data[name];
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
