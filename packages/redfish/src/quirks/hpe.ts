// HPE iLO.
import { ironicNote, issue, nvRedfishQuirks, pullRequest, type Quirk, sushyNote } from './quirk.ts';

const hpe = [{ vendor: 'hpe' }, { vendor: 'hewlett' }] as const;

export const hpeQuirks: readonly Quirk[] = [
  {
    id: 'hpe-no-changes-during-post',
    services: hpe,
    what: 'the boot cannot be changed during the power-on self-test: UnableToModifyDuringSystemPOST',
    remedy: 'none',
    sources: [ironicNote('redfish-post-boot-retry-8da100f84e6fcacf')],
  },
  {
    id: 'hpe-state-changes-take-a-while',
    services: hpe,
    what: 'a reset soon after another one is 400 with InvalidOperationForSystemState',
    remedy: 'none',
    sources: [sushyNote('retry-ilo-not-ready-error-0b4dce882282eaac')],
  },
  {
    id: 'hpe-eject-wants-an-object',
    services: hpe,
    what: 'VirtualMedia.EjectMedia without a JSON object is refused as an unsupported media type',
    remedy: 'always',
    sources: [sushyNote('fix-eject-media-empty-dict-573b4c9e06f52ce7')],
  },
  {
    id: 'hpe-eject-of-nothing-fails',
    services: hpe,
    what: 'ejecting from an empty drive is an error',
    remedy: 'always',
    sources: [pullRequest('bmc-toolbox/bmclib', 410), sushyNote('bug-2114737-29d8a4ff2b76e3e0')],
  },
  {
    id: 'hpe-gen10-plus-refuses-identity',
    services: hpe,
    what: 'registries are 406 when the request accepts only bodies that are not compressed',
    remedy: 'always',
    sources: [
      sushyNote('accept-encoding-4646ea43998f80bd'),
      'https://github.com/openstack/sushy/blob/master/sushy/connector.py',
    ],
  },
  {
    id: 'hpe-update-without-monitor',
    services: hpe,
    what: 'an update answers without the URI of a task monitor; the task is in the body',
    remedy: 'always',
    sources: [sushyNote('fixes-ilo5-redfish-firmware-update-issue-273862b2a11e3536')],
  },
  {
    id: 'hpe-task-monitor-vanishes',
    services: hpe,
    what: 'the task monitor is 404 once the task has ended',
    remedy: 'none',
    sources: [issue('ironcore-dev/metal-operator', 668)],
  },
  {
    id: 'hpe-ilo6-volumes-in-the-newer-form',
    services: [{ vendor: 'hpe', models: ['iLO 6', 'iLO 7'] }],
    what: 'volumes with VolumeType and Drives beside Links are refused',
    remedy: 'always',
    sources: [ironicNote('redfish-fix-raid-creation-f437066b1301c032')],
  },
  {
    id: 'hpe-expand-one-level',
    services: hpe,
    what: '$expand knows one level only',
    remedy: 'always',
    sources: [issue('HewlettPackard/python-ilorest-library', 161)],
  },
  {
    id: 'hpe-drive-status-without-state',
    services: hpe,
    what: 'the Status of drives has no State',
    remedy: 'always',
    sources: ['https://github.com/openstack/ironic/blob/master/ironic/drivers/modules/redfish/management.py'],
  },
  {
    id: 'hpe-accounts-without-types',
    services: hpe,
    what: 'accounts lack AccountTypes',
    remedy: 'always',
    sources: [nvRedfishQuirks],
  },
];
