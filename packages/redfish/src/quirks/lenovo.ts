// Lenovo XCC.
import { ironicNote, issue, pullRequest, type Quirk, sushyNote } from './quirk.ts';

const lenovo = [{ vendor: 'lenovo' }] as const;
const ansible = 'ansible-collections/community.general';

export const lenovoQuirks: readonly Quirk[] = [
  {
    id: 'lenovo-virtual-media-by-patch',
    services: [{ vendor: 'lenovo', models: ['SD530', 'SR630', 'XClarity', 'XCC'] }],
    what: 'virtual media have no actions: images are inserted and ejected by PATCH',
    remedy: 'always',
    sources: [
      sushyNote('fix-virtual-media-fallback-15a559414a65c014'),
      issue('stmcginnis/gofish', 529),
      pullRequest('bmc-toolbox/bmclib', 438),
    ],
  },
  {
    id: 'lenovo-patch-wants-inserted',
    services: lenovo,
    what: 'an image is inserted only when Inserted goes along with it',
    remedy: 'always',
    sources: [sushyNote('fix-insert-media-payload-b5d4c707f81d9603')],
  },
  {
    id: 'lenovo-no-virtual-media-members',
    services: [{ vendor: 'lenovo', before: '2.50' }],
    what: 'the collection of virtual media is empty until something is inserted',
    remedy: 'none',
    sources: [issue('lenovo/python-redfish-lenovo', 9)],
  },
  {
    id: 'lenovo-boot-device-after-install',
    services: lenovo,
    what: 'a boot device set by the BMC after the operating system entered itself in the firmware leads to "Boot Option Restoration"',
    remedy: { bootDeviceAfterInstall: false },
    sources: [ironicNote('limit-boot-to-disk-calls-lenovo-39763bfc98f602d8')],
  },
  {
    id: 'lenovo-etag-wanted',
    services: lenovo,
    what: 'changes without If-Match are 428',
    remedy: 'always',
    sources: [pullRequest('ansible/ansible', 56150), issue('fwupd/fwupd', 6347)],
  },
  {
    id: 'lenovo-etag-refused',
    services: lenovo,
    what: 'newer systems answer 412 to the ETag that they gave',
    remedy: 'always',
    sources: [issue(ansible, 11261), pullRequest(ansible, 11270)],
  },
  {
    id: 'lenovo-ami-full-boot-request',
    services: [{ vendor: 'redfish_compatible' }],
    what: 'systems with a BMC of another maker want target, duration and mode of the boot override together',
    remedy: { bootRequest: 'full' },
    sources: [ironicNote('config-redfish-compatible-bmc-3c54a945a7aa2a7f')],
  },
];
