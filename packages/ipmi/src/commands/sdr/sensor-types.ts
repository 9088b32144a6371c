// Sensor types with the states that each defines for itself (IPMI 2.0, table 42-3).

interface SensorType {
  readonly name: string;
  /** State by offset, for the event/reading type 0x6f. */
  readonly states: readonly string[];
}

const type = (name: string, ...states: string[]): SensorType => ({ name, states });

const powerStates = [
  ...['S0/G0 working', 'S1 sleeping', 'S2 sleeping', 'S3 sleeping', 'S4 suspended to disk', 'S5/G2 soft-off'],
  ...['S4/S5 soft-off', 'G3 mechanical off', 'sleeping in S1, S2 or S3', 'G1 sleeping', 'S5 entered by override'],
  ...['legacy on', 'legacy off', 'reserved', 'unknown'],
] as const;

/** By the number of the type; 0xc0 to 0xff are the manufacturer's. */
export const sensorTypes: readonly SensorType[] = [
  type('reserved'),
  type('temperature'),
  type('voltage'),
  type('current'),
  type('fan'),
  type(
    'physical security',
    ...['chassis intrusion', 'drive bay intrusion', 'I/O card area intrusion', 'processor area intrusion'],
    ...['LAN leash lost', 'unauthorized dock', 'fan area intrusion'],
  ),
  type(
    'platform security',
    ...['secure mode violation attempt', 'pre-boot password violation, user', 'pre-boot password violation, setup'],
    ...['pre-boot password violation, network boot', 'other pre-boot password violation'],
    'out-of-band access password violation',
  ),
  type(
    'processor',
    ...[
      'IERR',
      'thermal trip',
      'FRB1/BIST failure',
      'FRB2/hang in POST',
      'FRB3/startup failure',
      'configuration error',
    ],
    ...['uncorrectable CPU-complex error', 'presence detected', 'disabled', 'terminator presence detected'],
    ...['automatically throttled', 'uncorrectable machine check exception', 'correctable machine check error'],
  ),
  type(
    'power supply',
    ...['presence detected', 'failure detected', 'predictive failure', 'input lost', 'input lost or out of range'],
    ...['input out of range, but present', 'configuration error', 'inactive'],
  ),
  type(
    'power unit',
    ...[
      'power off',
      'power cycle',
      '240VA power down',
      'interlock power down',
      'AC lost',
      'soft power control failure',
    ],
    ...['failure detected', 'predictive failure'],
  ),
  type('cooling device'),
  type('other units-based sensor'),
  type(
    'memory',
    ...['correctable ECC error', 'uncorrectable ECC error', 'parity error', 'scrub failed', 'device disabled'],
    ...['correctable ECC error logging limit reached', 'presence detected', 'configuration error', 'spare'],
    ...['automatically throttled', 'critical overtemperature'],
  ),
  type(
    'drive slot',
    ...['drive present', 'drive fault', 'predictive failure', 'hot spare', 'consistency check in progress'],
    ...['in critical array', 'in failed array', 'rebuild in progress', 'rebuild aborted'],
  ),
  type('POST memory resize'),
  type('system firmware progress', 'firmware error', 'firmware hang', 'firmware progress'),
  type(
    'event logging disabled',
    ...['correctable memory error logging disabled', 'event type logging disabled', 'log area cleared'],
    ...[
      'all event logging disabled',
      'SEL full',
      'SEL almost full',
      'correctable machine check error logging disabled',
    ],
  ),
  type(
    'watchdog 1',
    ...['BIOS watchdog reset', 'OS watchdog reset', 'OS watchdog shut down', 'OS watchdog power down'],
    ...['OS watchdog power cycle', 'OS watchdog NMI', 'OS watchdog expired, status only'],
    'OS watchdog pre-timeout interrupt',
  ),
  type(
    'system event',
    ...[
      'system reconfigured',
      'OEM system boot event',
      'undetermined hardware failure',
      'entry added to auxiliary log',
    ],
    ...['PEF action', 'timestamp clock synchronized'],
  ),
  type(
    'critical interrupt',
    ...['front panel NMI', 'bus timeout', 'I/O channel check NMI', 'software NMI', 'PCI PERR', 'PCI SERR'],
    ...['EISA fail safe timeout', 'bus correctable error', 'bus uncorrectable error', 'fatal NMI', 'bus fatal error'],
    'bus degraded',
  ),
  type(
    'button',
    ...['power button pressed', 'sleep button pressed', 'reset button pressed', 'FRU latch open'],
    'FRU service request button pressed',
  ),
  type('module'),
  type('microcontroller'),
  type('add-in card'),
  type('chassis'),
  type('chip set', 'soft power control failure', 'thermal trip'),
  type('other FRU'),
  type('cable', 'connected', 'incorrect cable connected'),
  type('terminator'),
  type(
    'system boot initiated',
    ...['by power up', 'by hard reset', 'by warm reset', 'user requested PXE boot', 'automatic boot to diagnostic'],
    ...['OS initiated hard reset', 'OS initiated warm reset', 'system restart'],
  ),
  type(
    'boot error',
    ...['no bootable media', 'non-bootable diskette in drive', 'PXE server not found', 'invalid boot sector'],
    'timeout waiting for boot source selection',
  ),
  type(
    'OS boot',
    ...['A: boot completed', 'C: boot completed', 'PXE boot completed', 'diagnostic boot completed'],
    ...['CD-ROM boot completed', 'ROM boot completed', 'boot completed, device not specified'],
    ...['installation started', 'installation completed', 'installation aborted', 'installation failed'],
  ),
  type(
    'OS stop',
    ...['critical stop during OS load', 'run-time critical stop', 'OS graceful stop', 'OS graceful shutdown'],
    ...['soft shutdown by PEF', 'agent not responding'],
  ),
  type(
    'slot',
    ...['fault', 'identify', 'device installed', 'ready for installation', 'ready for removal', 'slot power off'],
    ...['device removal request', 'interlock', 'slot disabled', 'slot holds spare device'],
  ),
  type('system ACPI power state', ...powerStates),
  type(
    'watchdog 2',
    ...['timer expired', 'hard reset', 'power down', 'power cycle', 'reserved', 'reserved', 'reserved', 'reserved'],
    'timer interrupt',
  ),
  type('platform alert', 'page', 'LAN alert', 'platform event trap', 'SNMP trap of OEM format'),
  type('entity presence', 'present', 'absent', 'disabled'),
  type('monitor ASIC'),
  type('LAN', 'heartbeat lost', 'heartbeat'),
  type(
    'management subsystem health',
    ...['sensor access degraded', 'controller access degraded', 'controller off-line', 'controller unavailable'],
    ...['sensor failure', 'FRU failure'],
  ),
  type('battery', 'low', 'failed', 'presence detected'),
  type(
    'session audit',
    ...['session activated', 'session deactivated', 'invalid user name or password', 'invalid password disable'],
  ),
  type(
    'version change',
    ...[
      'hardware change',
      'firmware or software change',
      'hardware incompatibility',
      'firmware or software incompatibility',
    ],
    ...['invalid hardware version', 'invalid firmware or software version', 'hardware change successful'],
    'firmware or software change successful',
  ),
  type(
    'FRU state',
    ...['not installed', 'inactive', 'activation requested', 'activation in progress', 'active'],
    ...['deactivation requested', 'deactivation in progress', 'communication lost'],
  ),
];

const firstOemSensorType = 0xc0;

export function sensorTypeName(sensorType: number): string {
  const known = sensorTypes[sensorType]?.name;
  if (known !== undefined) return known;
  return `${sensorType >= firstOemSensorType ? 'OEM' : 'reserved'} sensor type 0x${sensorType.toString(16)}`;
}
