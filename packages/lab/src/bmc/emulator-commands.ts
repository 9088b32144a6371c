// ipmi_sim's command file: the BMC itself, its sensors, sensor data records, event log and inventory (ipmi_sim_cmd(5)).

/** A sensor of the BMC, logical unit 0. */
export interface SimulatedSensor {
  readonly number: number;
  readonly sensorType: number;
  readonly eventType: number;
  /** Raw reading of a threshold sensor. */
  readonly value?: number;
  /** States of a discrete sensor that hold. */
  readonly states?: readonly number[];
  /** Raw thresholds: lower non-critical, critical, non-recoverable, upper non-critical, critical, non-recoverable. */
  readonly thresholds?: readonly (number | undefined)[];
}

/** A controller on the BMC's bus. */
export interface SimulatedSatellite {
  readonly address: number;
  readonly manufacturerId: number;
  readonly productId: number;
}

export interface EmulatedBmc {
  readonly manufacturerId?: number;
  readonly productId?: number;
  /** Whole sensor data records; ipmi_sim gives them record ids of its own. */
  readonly sdrs?: readonly Uint8Array[];
  readonly sensors?: readonly SimulatedSensor[];
  /** Whole event log records of 16 bytes; ipmi_sim gives them record ids of its own. */
  readonly events?: readonly Uint8Array[];
  /** Inventory by the id of its FRU device. */
  readonly frus?: Readonly<Record<number, Uint8Array>>;
  readonly satellites?: readonly SimulatedSatellite[];
  /** Answers PICMG's commands. */
  readonly atca?: boolean;
}

const bmcAddress = '0x20';
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
const recordIdLength = 2;

// The masks of an event-support line have one digit for each of 15 states, state 14 first.
const allStates = '1'.repeat(15);

function sensorCommands(sensor: SimulatedSensor): string[] {
  const { number, value, states = [], thresholds } = sensor;
  const target = `${bmcAddress} 0 ${number}`;
  const commands = [`sensor_add ${target} ${sensor.sensorType} ${sensor.eventType}`];
  if (thresholds !== undefined) {
    const highestFirst = thresholds.toReversed();
    const enabled = highestFirst.map((threshold) => (threshold === undefined ? '0' : '1')).join('');
    const values = highestFirst.map((threshold) => threshold ?? 0).join(' ');
    commands.push(`sensor_set_threshold ${target} settable ${enabled} ${values}`);
  }
  // ipmi_sim reads a sensor only while it is scanned.
  const masks = [allStates, allStates, allStates, allStates].join(' ');
  commands.push(`sensor_set_event_support ${target} enable scanning per-state ${masks}`);
  if (value !== undefined) commands.push(`sensor_set_value ${target} ${value} 0`);
  for (const state of states) commands.push(`sensor_set_bit ${target} ${state} 1 0`);
  return commands;
}

function satelliteCommands({ address, manufacturerId, productId }: SimulatedSatellite): string[] {
  const target = `0x${address.toString(16)}`;
  const identity = `0x24 1 2 0 0x${manufacturerId.toString(16)} 0x${productId.toString(16)}`;
  return [`mc_add ${target} 0 no-device-sdrs ${identity}`, `mc_enable ${target}`];
}

/** The whole file. */
export function emulatorCommands(bmc: EmulatedBmc = {}): string {
  const { manufacturerId = 0x1291, productId = 0xf02, frus = {} } = bmc;
  const identity = `0x23 9 8 0x9f 0x${manufacturerId.toString(16)} 0x${productId.toString(16)}`;
  const lines = [
    ...(bmc.atca ? ['atca_enable'] : []),
    `mc_setbmc ${bmcAddress}`,
    `mc_add ${bmcAddress} 0 no-device-sdrs ${identity} persist_sdr`,
    `sel_enable ${bmcAddress} 1000 0x0a`,
    ...(bmc.sdrs ?? []).map((record) => `main_sdr_add ${bmcAddress} ${hex(record)}`),
    ...(bmc.sensors ?? []).flatMap(sensorCommands),
    ...(bmc.events ?? []).map((record) => `sel_add ${bmcAddress} ${hex(record.subarray(recordIdLength))}`),
    ...Object.entries(frus).map(([id, data]) => `mc_add_fru_data ${bmcAddress} ${id} ${data.length} data ${hex(data)}`),
    `mc_enable ${bmcAddress}`,
    ...(bmc.satellites ?? []).flatMap(satelliteCommands),
  ];
  return `${lines.join('\n')}\n`;
}
