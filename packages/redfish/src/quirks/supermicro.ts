// Supermicro.
import { ironicNote, issue, pullRequest, type Quirk, sushyNote } from './quirk.ts';

const supermicro = [{ vendor: 'supermicro' }, { vendor: 'super micro' }] as const;
const ansible = 'ansible-collections/community.general';

export const supermicroQuirks: readonly Quirk[] = [
  {
    id: 'supermicro-full-boot-request',
    services: supermicro,
    what: 'a boot override without duration becomes "Once", and one without mode falls back to the default mode',
    remedy: { bootRequest: 'full' },
    sources: [
      ironicNote('supermicro-redfish-override-enabled-aa51686ed33d3061'),
      ironicNote('restrict-sync-mode-after-device-to-supermicro-218e8cb57735c685'),
      pullRequest('DMTF/Redfishtool', 106),
    ],
  },
  {
    id: 'supermicro-virtual-cd-is-usb-cd',
    services: supermicro,
    what: 'the boot target of a virtual CD is UsbCd',
    remedy: { virtualCd: 'UsbCd' },
    sources: [sushyNote('change-bootdev-smc-ab30317eaf5c37d9')],
  },
  {
    id: 'supermicro-arm-virtual-cd-is-cd',
    services: [{ vendor: 'supermicro', models: ['ARS-111GL-NHR'] }],
    what: 'the boot target of a virtual CD is Cd on this model',
    remedy: { virtualCd: 'Cd' },
    sources: [sushyNote('supermicro-vmedia-dev-workaround-cc7a870c9a99d92b')],
  },
  {
    id: 'supermicro-insert-image-only',
    services: supermicro,
    what: 'Inserted and WriteProtected are read only for InsertMedia of X11 and X12: requests with them fail',
    remedy: 'always',
    sources: [sushyNote('fix-insert-media-payload-b5d4c707f81d9603'), pullRequest(ansible, 4839)],
  },
  {
    id: 'supermicro-image-stays-named',
    services: supermicro,
    what: 'after ejecting, the image is still named; ConnectedVia says NotConnected',
    remedy: 'always',
    sources: [issue(ansible, 6969), pullRequest(ansible, 12537)],
  },
  {
    id: 'supermicro-image-urls-without-query',
    services: supermicro,
    what: 'X12 does not take image URLs with "?" or "="',
    remedy: { imageUrlsWithQuery: false },
    sources: [ironicNote('remove-filename-param-from-vmedia-url-bf4773ede44f2206')],
  },
  {
    id: 'supermicro-boot-order-locked',
    services: [{ vendor: 'supermicro', models: ['ARS-121L-DNR'] }],
    what: 'in lockdown mode the boot order that the BMC tells is not that of the firmware',
    remedy: 'none',
    sources: [issue('dsx-ai-factory/infra-controller', 505)],
  },
  {
    id: 'supermicro-disk-boot-option-disabled',
    services: [{ vendor: 'supermicro', models: ['SYS-221H-TN24R'] }],
    what: 'the boot option of the disk is disabled after some installations',
    remedy: 'none',
    sources: [pullRequest('dsx-ai-factory/libredfish', 13)],
  },
];
