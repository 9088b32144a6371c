// A port group in the network metadata of a machine (network_data.json of OpenStack): a bond, and the links that it is made of.
import type { JsonObject, Port, Portgroup } from '@wrought/contract';

/** Properties of port groups are options of the Linux bonding driver; cloud-init knows them by names with this beginning. */
const OPTION_PREFIX = 'bond_';

/** What a link has besides who it is: its mode, its members by their UUIDs, and the options of the driver. */
export function bondOf({ properties }: Portgroup, mode: string, members: readonly Port[]): JsonObject {
  const options = Object.entries(properties).map(([key, value]) => [
    key.startsWith(OPTION_PREFIX) ? key : `${OPTION_PREFIX}${key}`,
    value,
  ]);
  return {
    ...Object.fromEntries(options),
    type: 'bond',
    bond_mode: mode,
    bond_links: members.map(({ uuid }) => uuid),
  };
}

/** The link of a card. */
export const physicalLink = ({ uuid, address }: Port, mtu: number | null): JsonObject => ({
  id: uuid,
  type: 'phy',
  ethernet_mac_address: address,
  mtu,
});
