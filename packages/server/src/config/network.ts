// Options that name the networks a machine is on in each phase.
import { text } from './option.ts';

export const network = {
  default_portgroup_mode: text({
    default: 'active-backup',
    reloadable: true,
    description: 'Mode of new port groups that name none.',
  }),
  cleaning_network: text({
    default: null,
    reloadable: true,
    description: 'Network of cleaning for nodes whose driver_info names none.',
  }),
  provisioning_network: text({
    default: null,
    reloadable: true,
    description: 'Network of deployment for nodes whose driver_info names none.',
  }),
} as const;
