// Options of inspections by the agent: what its ramdisk collects, and what is learned from it.
import { boolean, textMap } from './option.ts';

export const inspector = {
  collect_lldp: boolean({
    default: false,
    reloadable: true,
    description:
      'Have the ramdisk of an inspection listen for what switches say of themselves (LLDP), from which ports learn their local_link_connection. It listens up to half a minute.',
  }),
  physical_network_cidr_map: textMap({
    default: {},
    reloadable: true,
    description:
      'Names of physical networks by the networks that machines have addresses of during inspection, such as { "192.0.2.0/24" = "physnet1" }; ports learn their physical_network from it.',
  }),
} as const;
