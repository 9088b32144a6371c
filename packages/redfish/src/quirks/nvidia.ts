// NVIDIA: DGX with AMI's BMC, Grace, BlueField.
import { issue, nvRedfishQuirks, pullRequest, type Quirk } from './quirk.ts';

const dgx = [{ vendor: 'ami', redfishVersion: '1.11.0' }] as const;

export const nvidiaQuirks: readonly Quirk[] = [
  {
    id: 'nvidia-dgx-expand-broken',
    services: dgx,
    what: 'DGX H100 offers $expand, and answers wrongly to it',
    remedy: { expand: false },
    sources: [nvRedfishQuirks],
  },
  {
    id: 'nvidia-dgx-root-without-links',
    services: dgx,
    what: 'the service root of DGX H100 lacks links to what is there',
    remedy: 'always',
    sources: [nvRedfishQuirks],
  },
  {
    id: 'nvidia-dgx-boot-order-wrong',
    services: dgx,
    what: 'the boot order that the BMC of DGX H100 tells is not that of the firmware',
    remedy: 'none',
    sources: [pullRequest('dsx-ai-factory/infra-controller', 1838)],
  },
  {
    id: 'nvidia-event-records-without-id',
    services: [{ vendor: 'nvidia' }],
    what: 'records of streamed events have no MemberId, and event types that the schema does not know',
    remedy: 'always',
    sources: [nvRedfishQuirks],
  },
  {
    id: 'nvidia-boot-order-with-names',
    services: [{ vendor: 'nvidia' }],
    what: 'BootOrder of Vera Rubin has the names of options behind their references, and wants them so',
    remedy: 'none',
    sources: [pullRequest('dsx-ai-factory/libredfish', 112)],
  },
  {
    id: 'nvidia-bluefield-bios-attributes-absent',
    services: [{ vendor: 'nvidia', models: ['BlueField'] }],
    what: 'BIOS attributes are absent while firmware of the parts is of different age',
    remedy: 'none',
    sources: [issue('dsx-ai-factory/infra-controller', 3667)],
  },
];
