// Reads the announcements of switches, and keeps what they say as `parsed_lldp` in the plugin data, card by card.
import type { JsonObject } from '@wrought/contract';
import { parseLldp } from '../lldp.ts';
import { type InspectionData, type InspectionHook, objectAt, objectsAt } from './hook.ts';

/** What the switch on the other end of each network card said, by the name of the card; nothing of cards that heard nothing. */
export function neighboursOf({ inventory, pluginData }: InspectionData): ReadonlyMap<string, JsonObject> {
  const raw = objectAt(pluginData, 'lldp_raw');
  return new Map(
    objectsAt(inventory, 'interfaces').flatMap(({ name, lldp }) => {
      const said = typeof name === 'string' ? parseLldp(raw[name] ?? lldp) : {};
      return typeof name === 'string' && Object.keys(said).length > 0 ? [[name, said] as const] : [];
    }),
  );
}

export const parseLldpHook: InspectionHook = (data, found) => {
  const neighbours = neighboursOf(data);
  return neighbours.size === 0
    ? found
    : { ...found, pluginData: { ...found.pluginData, parsed_lldp: Object.fromEntries(neighbours) } };
};
