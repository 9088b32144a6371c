// Options of ports and port groups, whatever their networks are.
import { text } from './option.ts';

export const network = {
  default_portgroup_mode: text({
    default: 'active-backup',
    reloadable: true,
    description: 'Mode of new port groups that name none.',
  }),
} as const;
