// Learns from LLDP which port of which switch each network card is plugged into.
import { type JsonObject, readMac } from '@wrought/contract';
import { type InspectionHook, objectAt, objectsAt } from './hook.ts';

/** The link as a port notes it; null unless the switch names itself by a MAC address, which is what `switch_id` is. */
export function linkOf(said: JsonObject): JsonObject | null {
  const { switch_chassis_id: chassis, switch_port_id: port, switch_system_name: name } = said;
  const switch_id = typeof chassis === 'string' ? readMac(chassis) : undefined;
  return switch_id === undefined || typeof port !== 'string'
    ? null
    : { switch_id, port_id: port, ...(typeof name === 'string' ? { switch_info: name } : {}) };
}

export const localLinkConnection: InspectionHook = ({ inventory }, found) => {
  const parsed = objectAt(found.pluginData, 'parsed_lldp');
  const links = objectsAt(inventory, 'interfaces').flatMap(({ name, mac_address: mac }) => {
    const address = typeof mac === 'string' ? readMac(mac) : undefined;
    const link = typeof name === 'string' ? linkOf(objectAt(parsed, name)) : null;
    return address === undefined || link === null ? [] : [{ address, local_link_connection: link }];
  });
  return { ...found, ports: [...found.ports, ...links] };
};
