// OpenBMC, and BMCs built on it.
import { issue, pullRequest, type Quirk } from './quirk.ts';

const openBmc = [{ vendor: 'openbmc' }] as const;

export const openBmcQuirks: readonly Quirk[] = [
  {
    id: 'openbmc-expand-in-some-places',
    services: [{ vendor: 'ibm' }],
    what: '$expand is offered, and refused for all but three resources',
    remedy: 'always',
    sources: [pullRequest('ibm-openbmc/bmcweb', 962)],
  },
  {
    id: 'openbmc-power-without-boot-override',
    services: [{ vendor: 'ibm' }],
    what: 'systems with PowerVM have no boot override at all',
    remedy: 'none',
    sources: [issue('ibm-openbmc/dev', 3277), pullRequest('ibm-openbmc/bmcweb', 209)],
  },
  {
    id: 'openbmc-proxy-media-without-insert',
    services: [...openBmc, { vendor: 'cisco', models: ['C845A M8'] }],
    what: 'some virtual drives are for the console alone: no InsertMedia, or 405',
    remedy: 'none',
    sources: [
      'https://github.com/openstack/ironic/blob/master/ironic/drivers/modules/redfish/boot.py',
      issue('Intel-BMC/openbmc', 58),
    ],
  },
  {
    id: 'openbmc-push-path-is-the-service',
    services: openBmc,
    what: 'HttpPushUri is the path of the update service itself',
    remedy: 'always',
    sources: [issue('Intel-BMC/openbmc', 45), issue('DMTF/Redfish-Tacklebox', 99)],
  },
];
