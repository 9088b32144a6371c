// Fujitsu iRMC.
import { issue, type Quirk } from './quirk.ts';

export const fujitsuQuirks: readonly Quirk[] = [
  {
    id: 'fujitsu-expand-on-collections-only',
    services: [{ vendor: 'fujitsu' }],
    what: '$expand of a single resource is refused with QueryNotSupportedOnResource since some firmware',
    remedy: 'always',
    sources: [issue('bb-Ricardo/check_redfish', 20)],
  },
  {
    id: 'fujitsu-several-virtual-cds',
    services: [{ vendor: 'fujitsu' }],
    what: 'the boot override CD and the virtual CDs 0 and 1 of the boot options are different devices',
    remedy: 'none',
    sources: [issue('fujitsu/fujitsu-ansible-irmc-integration', 4)],
  },
];
