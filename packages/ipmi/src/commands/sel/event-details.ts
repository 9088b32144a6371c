// What the second and third byte of an event's data mean for some sensors (IPMI 2.0, table 42-3, right column).
import { restartCauses } from '../chassis.ts';
import { sensorTypes } from '../sdr/sensor-types.ts';

/** Bytes that the event itself declares sensor-specific; undefined where it does not. */
export interface EventBytes {
  readonly offset: number;
  readonly data2: number | undefined;
  readonly data3: number | undefined;
}

type Explain = (event: EventBytes) => (string | undefined)[];

const named = (names: readonly string[], index: number | undefined) =>
  index === undefined ? undefined : (names[index] ?? `code ${index}`);

const firmwareErrors = [
  ...['unspecified', 'no memory installed', 'no usable memory', 'unrecoverable hard disk failure'],
  ...['unrecoverable system board failure', 'unrecoverable diskette failure', 'unrecoverable disk controller failure'],
  ...['unrecoverable keyboard failure', 'removable boot media not found', 'unrecoverable video controller failure'],
  ...['no video device', 'firmware ROM corrupted', 'CPU voltage mismatch', 'CPU speed matching failure'],
];

const firmwareStages = [
  ...['unspecified', 'memory initialization', 'hard disk initialization', 'secondary processor initialization'],
  ...['user authentication', 'user-initiated setup', 'USB resource configuration', 'PCI resource configuration'],
  ...['option ROM initialization', 'video initialization', 'cache initialization', 'SMBus initialization'],
  ...['keyboard controller initialization', 'management controller initialization', 'docking station attachment'],
  ...['enabling docking station', 'docking station ejection', 'disabling docking station'],
  ...['calling OS wake-up vector', 'starting OS boot', 'baseboard initialization', 'reserved'],
  ...['floppy initialization', 'keyboard test', 'pointing device test', 'primary processor initialization'],
];

const watchdogUses = ['reserved', 'BIOS FRB2', 'BIOS/POST', 'OS load', 'SMS/OS', 'OEM'];
const watchdogInterrupts = ['no interrupt', 'SMI', 'NMI', 'messaging interrupt'];
const unspecifiedNibble = 0x0f;

const slotTypes = [
  ...['PCI', 'drive array', 'external peripheral connector', 'docking', 'other internal expansion slot'],
  ...['entity of the sensor', 'AdvancedTCA', 'DIMM', 'fan', 'PCI Express', 'SCSI', 'SATA/SAS', 'USB'],
];

const powerSupplyErrors = [
  ...['vendor mismatch', 'revision mismatch', 'processor missing', 'rating mismatch', 'voltage rating mismatch'],
];

const deactivationCauses = [...['cause unspecified', 'by Close Session', 'by timeout', 'by configuration change']];

const powerStates = sensorTypes.find(({ name }) => name === 'system ACPI power state')?.states ?? [];

const versionChanges = [
  ...['unspecified', 'device id', 'firmware revision', 'device revision', 'manufacturer id', 'IPMI version'],
  ...['auxiliary firmware id', 'firmware boot block', 'other controller firmware', 'system firmware', 'SMBIOS'],
  ...['operating system', 'OS loader', 'diagnostic partition', 'management agent', 'management application'],
  ...['management middleware', 'programmable hardware', 'board module', 'board component', 'equivalent board'],
  ...['newer board', 'older board', 'hardware configuration'],
];

const fruStates = sensorTypes.find(({ name }) => name === 'FRU state')?.states ?? [];

const fruStateCauses = [
  ...['normal change', 'commanded by software', 'handle latch', 'hot-swap button', 'FRU action', 'communication lost'],
  ...['communication lost by local failure', 'unexpected extraction', 'operator intervention'],
  ...['IPMB address not computable', 'unexpected deactivation'],
];

/** By the name of the sensor type; only events of the sensor-specific type. */
const explanations: Readonly<Record<string, Explain>> = {
  'power supply': ({ offset, data3 }) =>
    offset === 6 && data3 !== undefined ? [named(powerSupplyErrors, data3 & 0x0f)] : [],
  memory: ({ data3 }) => [data3 === undefined ? undefined : `memory module ${data3}`],
  'system firmware progress': ({ offset, data2 }) => [named(offset === 0 ? firmwareErrors : firmwareStages, data2)],
  'event logging disabled': ({ offset, data2, data3 }) => {
    if (offset === 0 && data2 !== undefined) return [`memory module ${data2}`];
    if (offset === 1 && data2 !== undefined) return [`event type 0x${data2.toString(16)}`];
    return offset === 5 && data3 !== undefined ? [`${data3} % full`] : [];
  },
  'system event': ({ offset, data2 }) => {
    if (data2 === undefined) return [];
    if (offset === 5) {
      return [
        (data2 & 0x80) === 0 ? 'first of two' : 'second of two',
        (data2 & 0x0f) === 1 ? 'SDR clock' : 'SEL clock',
      ];
    }
    const actions = ['alert', 'power off', 'reset', 'power cycle', 'OEM action', 'NMI'];
    return offset === 4 ? actions.filter((_, bit) => ((data2 >> bit) & 1) === 1) : [];
  },
  'chip set': ({ offset, data2, data3 }) =>
    offset !== 0
      ? []
      : [
          data2 === undefined ? undefined : `requested ${named(powerStates, data2)}`,
          data3 === undefined ? undefined : `was ${named(powerStates, data3)}`,
        ],
  'system boot initiated': ({ offset, data2, data3 }) =>
    offset !== 7 || data2 === undefined
      ? []
      : [String(restartCauses.decode(data2 & 0x0f)), data3 === undefined ? undefined : `channel ${data3}`],
  slot: ({ data2, data3 }) => [
    data2 === undefined ? undefined : named(slotTypes, data2 & 0x7f),
    data3 === undefined ? undefined : `slot ${data3}`,
  ],
  'watchdog 2': ({ data2 }) => {
    if (data2 === undefined) return [];
    const use = data2 & 0x0f;
    const interrupt = data2 >> 4;
    return [
      use === unspecifiedNibble ? undefined : named(watchdogUses, use),
      interrupt === unspecifiedNibble ? undefined : named(watchdogInterrupts, interrupt),
    ];
  },
  'management subsystem health': ({ offset, data2, data3 }) => {
    if (data2 === undefined) return [];
    if (offset === 4) return [`sensor 0x${data2.toString(16)}`];
    return offset === 5 && data3 !== undefined ? [`FRU device ${data3}`] : [];
  },
  'session audit': ({ data2, data3 }) => [
    data2 === undefined || (data2 & 0x3f) === 0 ? undefined : `user ${data2 & 0x3f}`,
    data3 === undefined ? undefined : `channel ${data3 & 0x0f}`,
    data3 === undefined ? undefined : named(deactivationCauses, (data3 >> 4) & 3),
  ],
  'version change': ({ data2 }) => [named(versionChanges, data2)],
  'FRU state': ({ data2 }) =>
    data2 === undefined
      ? []
      : [
          data2 >> 4 === unspecifiedNibble ? 'cause unknown' : named(fruStateCauses, data2 >> 4),
          `was ${named(fruStates, data2 & 0x0f)}`,
        ],
};

/** The meaning in words; empty where the specification defines none. */
export function eventDetails(sensorType: number, event: EventBytes): string[] {
  const details = explanations[sensorTypes[sensorType]?.name ?? '']?.(event) ?? [];
  return details.filter((detail) => detail !== undefined);
}
