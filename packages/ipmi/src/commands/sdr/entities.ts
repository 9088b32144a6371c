// Names of entities, the physical things that sensors and inventory belong to (IPMI 2.0, table 43-13).

const entityNames: readonly string[] = [
  ...[
    'unspecified',
    'other',
    'unknown',
    'processor',
    'disk',
    'peripheral bay',
    'system management module',
    'system board',
  ],
  ...['memory module', 'processor module', 'power supply', 'add-in card', 'front panel board', 'back panel board'],
  ...[
    'power system board',
    'drive backplane',
    'system internal expansion board',
    'other system board',
    'processor board',
  ],
  ...[
    'power unit',
    'power module',
    'power management board',
    'chassis back panel board',
    'system chassis',
    'sub-chassis',
  ],
  ...['other chassis board', 'disk drive bay', 'peripheral bay', 'device bay', 'fan', 'cooling unit', 'cable'],
  ...['memory device', 'system management software', 'system firmware', 'operating system', 'system bus', 'group'],
  ...['remote management communication device', 'external environment', 'battery', 'processing blade'],
  ...['connectivity switch', 'processor/memory module', 'I/O module', 'processor/I/O module'],
  ...['management controller firmware', 'IPMI channel', 'PCI bus', 'PCI Express bus', 'SCSI bus', 'SATA/SAS bus'],
  ...['processor front-side bus', 'real-time clock'],
];

/** Defined later and out of order. */
const lateNames: ReadonlyMap<number, string> = new Map([
  [0x37, 'air inlet'],
  [0x40, 'air inlet'],
  [0x41, 'processor'],
  [0x42, 'system board'],
]);

/** The name of an entity id; ids from 0x90 on belong to the chassis, the board set or the manufacturer. */
export function entityName(entityId: number): string {
  const known = entityNames[entityId] ?? lateNames.get(entityId);
  if (known !== undefined) return known;
  if (entityId >= 0x90 && entityId <= 0xaf) return `chassis-specific entity 0x${entityId.toString(16)}`;
  if (entityId >= 0xb0 && entityId <= 0xcf) return `board-set-specific entity 0x${entityId.toString(16)}`;
  if (entityId >= 0xd0 && entityId <= 0xff) return `OEM entity 0x${entityId.toString(16)}`;
  return `reserved entity 0x${entityId.toString(16).padStart(2, '0')}`;
}
