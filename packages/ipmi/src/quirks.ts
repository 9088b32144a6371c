// Where BMCs differ from the specification, as data: which ones, how, what is done about it, and who reports it.
import type { BootDevice } from './commands/boot-flags.ts';

/** A kind of BMC, by what Get Device ID says; without product ids all products of the manufacturer. */
export interface QuirkyDevice {
  readonly name: string;
  readonly manufacturerId: number;
  readonly productIds?: readonly number[];
}

/** What a client does otherwise with a quirky BMC. */
export interface BmcBehaviour {
  /** The boot device that means the hard drive when the machine boots by UEFI. */
  readonly uefiHardDrive: BootDevice;
  /** Whether the payload sizes that Activate Payload answers can be relied on. */
  readonly hasSolPayloadSizes: boolean;
  /** Set User Password wants a password even for enabling and disabling. */
  readonly passwordToEnableUser: boolean;
}

export interface Quirk {
  readonly id: string;
  /** Empty: known by how it behaves, not by its ids. */
  readonly devices: readonly QuirkyDevice[];
  readonly what: string;
  /** What changes; "always": what this library does with every BMC copes with it; "none": good to know. */
  readonly remedy: Partial<BmcBehaviour> | 'always' | 'none';
  readonly sources: readonly string[];
}

const freeIpmi = 'https://github.com/chu11/freeipmi-mirror/blob/master/doc/freeipmi-bugs-issues-and-workarounds.txt';
const freeIpmiFlags =
  'https://github.com/chu11/freeipmi-mirror/blob/master/man/manpage-common-workaround-outofband-20-text.man';
const freeIpmiProducts =
  'https://github.com/chu11/freeipmi-mirror/blob/master/libfreeipmi/include/freeipmi/spec/ipmi-product-id-spec.h';
const ironicDriver = 'https://github.com/openstack/ironic/blob/master/ironic/drivers/modules/ipmitool.py';
const openBmcChassis = 'https://github.com/openbmc/phosphor-host-ipmid/blob/master/chassishandler.cpp';

const supermicro = (name: string, ...productIds: readonly number[]): QuirkyDevice => ({
  name: `Supermicro ${name}`.trim(),
  manufacturerId: 10876,
  ...(productIds.length === 0 ? {} : { productIds }),
});
const intel = (name: string, productId: number): QuirkyDevice => ({
  name: `Intel ${name}`,
  manufacturerId: 343,
  productIds: [productId],
});
const inventec5441: QuirkyDevice = { name: 'Inventec 5441 / Dell Xanadu II', manufacturerId: 20569, productIds: [51] };
const quantaS99Q: QuirkyDevice = { name: 'Quanta S99Q / Dell FS12-TY', manufacturerId: 7244, productIds: [21401] };
const sunX4140: QuirkyDevice = { name: 'Sun X4140', manufacturerId: 42, productIds: [18177] };
const dellPowerEdge: QuirkyDevice = { name: 'Dell PowerEdge R610 and R710', manufacturerId: 674, productIds: [256] };
const s5500wb = intel('S5500WB', 62);
const s2600jf = intel('S2600JF', 77);
const qssc = intel('Quanta QSSC-S4R', 64);
const windmill = intel('Windmill', 2818);
const x8dt = supermicro('X8DTH, X8DTG and X8DTU', 43707);

export const quirks: readonly Quirk[] = [
  {
    id: 'supermicro-uefi-hard-drive',
    devices: [supermicro(''), { name: 'Supermicro with a wrong manufacturer id', manufacturerId: 47488 }],
    what: 'with UEFI the hard drive is the boot device 9 (data 0x24), by its name primary remote media; 2 does nothing',
    remedy: { uefiHardDrive: 'primary remote media' },
    sources: [
      'https://github.com/openstack/ironic/blob/master/doc/source/admin/drivers/ipmitool.rst',
      'https://www.supermicro.com/support/faqs/faq.cfm?faq=25559',
      'https://github.com/chu11/freeipmi-mirror/blob/master/libfreeipmi/include/freeipmi/spec/ipmi-iana-enterprise-numbers-spec.h',
    ],
  },
  {
    id: 'boot-flags-lost-after-60-seconds',
    devices: [],
    what: 'boot flags lose their valid bit 60 s after they were set unless parameter 3 keeps it, as the specification has it',
    remedy: 'none',
    sources: [ironicDriver, 'https://github.com/kinvolk/racker/pull/36'],
  },
  {
    id: 'boot-option-3-missing',
    devices: [],
    what: 'OpenBMC of some versions, among others, refuses parameter 3 of the boot options, and keeps the valid bit anyway',
    remedy: 'always',
    sources: [ironicDriver],
  },
  {
    id: 'openbmc-commit-write-refused',
    devices: [],
    what: 'OpenBMC answers 0x81 to "commit write", and to a second "set in progress", while parameters are being set',
    remedy: 'always',
    sources: [openBmcChassis],
  },
  {
    id: 'openbmc-suite-17-only',
    devices: [],
    what: 'OpenBMC implements HMAC-SHA256 alone: logins work with cipher suite 17 only',
    remedy: 'always',
    sources: [
      'https://github.com/openbmc/phosphor-net-ipmid/blob/master/auth_algo.hpp',
      'https://github.com/openbmc/phosphor-net-ipmid/blob/master/integrity_algo.hpp',
    ],
  },
  {
    id: 'intel-suite-17-only',
    devices: [],
    what: 'Intel M50CYP refuses every cipher suite but 17, and says "insufficient resources" (0x01) instead of "no match"',
    remedy: 'always',
    sources: [freeIpmi, 'https://github.com/xcat2/xcat-core/issues/6002'],
  },
  {
    id: 'suite-3-only',
    devices: [],
    what: 'older BMCs lack cipher suite 17; Dell R710 is one',
    remedy: 'always',
    sources: ['https://github.com/ipmitool/ipmitool/issues/29', ironicDriver],
  },
  {
    id: 'session-lost-at-power-change',
    devices: [],
    what: 'BMCs that share a network port with the host lose packets or sessions when its power changes: the port is reset',
    remedy: 'always',
    sources: ['https://github.com/openbmc/openbmc/issues/2197'],
  },
  {
    id: 'close-session-unanswered-after-reset',
    devices: [intel('SR870BN4 / Tiger 4', 256)],
    what: 'Close Session is not answered after a hard reset of the machine',
    remedy: 'always',
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'keys-from-open-session-privilege',
    devices: [inventec5441, x8dt, s5500wb, s2600jf, qssc],
    what: 'keys are made with the privilege level of Open Session instead of that of RAKP 1',
    remedy: 'always',
    sources: [freeIpmi, freeIpmiFlags, freeIpmiProducts],
  },
  {
    id: 'sol-payload-sizes-wrong',
    devices: [inventec5441, x8dt, s5500wb, qssc],
    what: 'Activate Payload answers payload sizes that are wrong',
    remedy: { hasSolPayloadSizes: false },
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'sol-payload-instances-zero',
    devices: [],
    what: 'Dell PowerEdge M605, M610 and M915 say that no SOL session can be active, and have one',
    remedy: 'none',
    sources: [freeIpmi],
  },
  {
    id: 'password-needed-to-enable-user',
    devices: [sunX4140, windmill],
    what: 'Set User Password wants a password even for enabling and disabling a user, where the specification makes it optional',
    remedy: { passwordToEnableUser: true },
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'user-enabled-only-with-password',
    devices: [dellPowerEdge],
    what: 'a user can be enabled only after a password was set',
    remedy: 'none',
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'user-name-of-nobody-refused',
    devices: [sunX4140, inventec5441],
    what: 'Get User Name answers 0xcc for an id without a name',
    remedy: 'always',
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'configuration-written-too-fast',
    devices: [quantaS99Q],
    what: 'configuration is lost when much of it is written at once',
    remedy: 'none',
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'settings-hold-after-reset',
    devices: [dellPowerEdge, inventec5441],
    what: 'some settings hold only after the machine was restarted; on the Inventec 5441 a cold reset of the BMC is enough',
    remedy: 'none',
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'set-access-changes-present-setting',
    devices: [inventec5441, s5500wb, x8dt],
    what: 'Set Channel Access of the non-volatile setting changes the present one too',
    remedy: 'none',
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'boot-flags-longer',
    devices: [],
    what: 'HP DL380 G5 answers twelve bytes more to Get System Boot Options',
    remedy: 'always',
    sources: [freeIpmi],
  },
  {
    id: 'fru-checksums-wrong',
    devices: [dellPowerEdge, inventec5441],
    what: 'areas of FRU inventories have wrong checksums',
    remedy: 'always',
    sources: [freeIpmi, freeIpmiProducts],
  },
  {
    id: 'sdr-whole-read-short',
    devices: [],
    what: 'Xyratex HB-F8-SRAY answers a request for a whole sensor data record with less than it has',
    remedy: 'always',
    sources: [freeIpmi],
  },
  {
    id: 'sdr-without-reservations',
    devices: [],
    what: 'Artesyn ATCA-7367 does not know Reserve SDR Repository',
    remedy: 'always',
    sources: [freeIpmi],
  },
  {
    id: 'sdr-last-record-unreadable',
    devices: [],
    what: 'Dell PowerEdge FC830 answers 0xc3 for the last sensor data record, always',
    remedy: 'always',
    sources: [freeIpmi],
  },
  {
    id: 'privilege-must-be-the-highest',
    devices: [],
    what: 'Xyratex HB-F8-SRAY answers 0xd4 unless the session asks for exactly the highest level of its user',
    remedy: 'none',
    sources: [freeIpmi],
  },
];

const usual: BmcBehaviour = {
  uefiHardDrive: 'hard drive',
  hasSolPayloadSizes: true,
  passwordToEnableUser: false,
};

type DeviceIds = { readonly manufacturerId: number; readonly productId: number };

/** The quirks of a BMC, as far as its ids tell. */
export function quirksOf({ manufacturerId, productId }: DeviceIds): Quirk[] {
  const isIt = (device: QuirkyDevice) =>
    device.manufacturerId === manufacturerId && (device.productIds?.includes(productId) ?? true);
  return quirks.filter(({ devices }) => devices.some(isIt));
}

/** What a client does with a BMC: the usual, changed by its quirks. */
export function behaviourOf(device: DeviceIds): BmcBehaviour {
  const remedies = quirksOf(device).map(({ remedy }) => (typeof remedy === 'string' ? {} : remedy));
  return Object.assign({}, usual, ...remedies);
}

/**
 * Completion codes after which the same request may be sent again a moment later: node busy, time-out, out of space and
 * BMC initialization in progress. Ironic tries again after the same ones.
 */
export const retryableCompletionCodes: ReadonlySet<number> = new Set([0xc0, 0xc3, 0xc4, 0xd2]);
