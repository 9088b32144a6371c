// Dell iDRAC.
import { ironicNote, issue, nvRedfishQuirks, pullRequest, type Quirk, sushyNote } from './quirk.ts';

const dell = [{ vendor: 'dell' }] as const;
const scripting = 'dell/iDRAC-Redfish-Scripting';

export const dellQuirks: readonly Quirk[] = [
  {
    id: 'dell-serial-number-is-sku',
    services: dell,
    what: 'SerialNumber is that of the board; the service tag, which is on the label, is the SKU',
    remedy: { serialNumber: 'SKU' },
    sources: [ironicNote('idrac-inspect-sku-e2a4be33566835fb'), ironicNote('idrac-redfish-sku-bad1ce14db1b980c')],
  },
  {
    id: 'dell-cd-is-the-physical-drive',
    services: dell,
    what: 'the boot target Cd means a physical drive; a virtual one is booted from by manager attributes or a configuration import',
    remedy: { bootsVirtualCd: false },
    sources: [issue(scripting, 90), ironicNote('redfish-vmedia-vendor-fc76086893d99415')],
  },
  {
    id: 'idrac9-6-boots-virtual-cd',
    services: [{ vendor: 'dell', from: '6.00.00.00', before: '8' }],
    what: 'iDRAC 9 boots from a virtual CD by the boot target Cd since 6.00.00.00; iDRAC 10 counts from 1 again, and does not',
    remedy: { bootsVirtualCd: true },
    sources: [
      ironicNote('fix-redfish-vm-boot-idrac-37ec734e6643cbac'),
      ironicNote('fix-redfish-idrac-vmedia-version-range-a083a3385cef4a5d'),
    ],
  },
  {
    id: 'idrac10-boots-from-first-virtual-drive',
    services: [{ vendor: 'dell', from: '1.0', before: '2' }],
    what: 'some iDRAC 10 boot from the virtual drive 1 only',
    remedy: { bootableMedia: ['1'] },
    sources: [ironicNote('idrac10-vmedia-slot1-5d15433b84843a10'), issue(scripting, 324)],
  },
  {
    id: 'idrac10-boot-targets-at-settings',
    services: [{ vendor: 'dell', from: '1.0', before: '2' }],
    what: 'the boot targets are listed at the settings resource, not at the system',
    remedy: 'always',
    sources: [sushyNote('idrac10-settings-resource-c18e754c661a7056'), issue(scripting, 324)],
  },
  {
    id: 'dell-boot-override-resets-itself',
    services: dell,
    what: 'a continuous boot override is "Disabled" again after it was used',
    remedy: { forgetsContinuous: true },
    sources: [pullRequest('dell/terraform-provider-redfish', 138)],
  },
  {
    id: 'dell-uefi-target-is-once',
    services: dell,
    what: 'the boot target UefiTarget with "Continuous" is refused; 13th generation refuses BootSourceOverrideEnabled with it',
    remedy: 'none',
    sources: [
      pullRequest('dell/terraform-provider-redfish', 138),
      issue('ansible-collections/community.general', 5091),
    ],
  },
  {
    id: 'dell-tasks-deleted',
    services: [{ vendor: 'dell', before: '7.10.30' }],
    what: 'tasks are deleted seconds to minutes after they ended; their jobs stay',
    remedy: 'always',
    sources: [
      issue(scripting, 160),
      issue(scripting, 275),
      issue('dell/dellemc-openmanage-ansible-modules', 420),
      ironicNote('idrac-import-configuration-task-deleted-2a0e6a96509394b6'),
    ],
  },
  {
    id: 'dell-job-not-there-yet',
    services: dell,
    what: 'a job that was just made is 404 for some seconds',
    remedy: 'always',
    sources: [sushyNote('fix-dell-bmc-404-race-condition-6000e47436cd4d6e')],
  },
  {
    id: 'dell-session-limit-503',
    services: dell,
    what: 'too many sessions are 503 with the message RAC0218',
    remedy: 'always',
    sources: [issue('bb-Ricardo/check_redfish', 89), pullRequest('bb-Ricardo/check_redfish', 198)],
  },
  {
    id: 'dell-settings-200-without-job',
    services: dell,
    what: 'BIOS settings that are pending already are answered 200 (SYS011) without Location: there is no job to wait for',
    remedy: 'always',
    sources: [issue('dsx-ai-factory/infra-controller', 2506)],
  },
  {
    id: 'dell-apply-time-wanted',
    services: dell,
    what: 'BIOS settings are refused without an apply time',
    remedy: 'always',
    sources: [ironicNote('redfish-fix-bios-settings-apply-time-9b50979d2afc0d27')],
  },
  {
    id: 'dell-reset-bios-wants-a-body',
    services: [{ vendor: 'dell', before: '3' }],
    what: 'Bios.ResetBios without a body is 400',
    remedy: 'always',
    sources: [sushyNote('fix-2008198-bios-factory-reset-400-bad-request-3f4a7a2aada0835b')],
  },
  {
    id: 'dell-delete-volume-refuses-apply-time',
    services: [{ vendor: 'dell', from: '6.00.02.00' }],
    what: 'deleting a volume refuses @Redfish.OperationApplyTime',
    remedy: 'always',
    sources: [sushyNote('fix-volume-delete-configuration-unsuported-operational_time_property-f53f650d8612a847')],
  },
  {
    id: 'dell-single-message',
    services: dell,
    what: '@Message.ExtendedInfo is an object instead of a list',
    remedy: 'always',
    sources: [sushyNote('fix-extended-info-error-handling-73fecb6bf5c852ff')],
  },
  {
    id: 'dell-eject-takes-a-while',
    services: dell,
    what: 'after ejecting, the drive says "Inserted" for a while, and inserting fails with 5xx',
    remedy: 'none',
    sources: [
      ironicNote('fix-redfish-vmedia-stale-insert-skip-efb08f97ebd7b1b6'),
      ironicNote('fix-redfish-vmedia-insert-retry-6e020acaf993c423'),
    ],
  },
  {
    id: 'dell-boot-options-in-no-order',
    services: dell,
    what: 'the order of the collection BootOptions is not the boot order; BootOrder is',
    remedy: 'always',
    sources: [issue('dsx-ai-factory/infra-controller', 5836)],
  },
  {
    id: 'dell-accounts-are-slots',
    services: dell,
    what: 'accounts are slots: those without a user name are free ones',
    remedy: 'always',
    sources: [nvRedfishQuirks],
  },
];
