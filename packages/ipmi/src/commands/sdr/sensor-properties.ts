// What full and compact sensor records share besides: capabilities, type, event masks and units (IPMI 2.0, 43.1 and 43.2).
import { type Choice, choices, flags } from '../bit-fields.ts';
import type { FieldReader } from '../field-reader.ts';

const initialization = flags({
  scanningAtPowerUp: 0,
  eventsAtPowerUp: 1,
  setsType: 2,
  setsHysteresis: 3,
  setsThresholds: 4,
  setsEvents: 5,
  setsScanning: 6,
  settable: 7,
});

const accesses = choices({ 0: 'none', 1: 'readable', 2: 'settable', 3: 'fixed' });
const eventControls = choices({ 0: 'per threshold or state', 1: 'entire sensor', 2: 'global disable only', 3: 'none' });

/** How the raw reading counts; "none" for sensors that have no analog reading. */
export const analogFormats = choices({ 0: 'unsigned', 1: "1's complement", 2: "2's complement", 3: 'none' });
export type AnalogFormat = (typeof analogFormats.names)[number];

const rateUnits = choices({ 0: 'none', 1: 'per µs', 2: 'per ms', 3: 'per s', 4: 'per min', 5: 'per h', 6: 'per day' });
const modifierUses = choices({ 0: 'none', 1: 'divide', 2: 'multiply' });

export interface SensorUnits {
  readonly format: Choice<AnalogFormat>;
  readonly rate: Choice<(typeof rateUnits.names)[number]>;
  /** How the modifier unit belongs to the base unit: base/modifier, or base × modifier. */
  readonly modifierUse: Choice<(typeof modifierUses.names)[number]>;
  readonly percentage: boolean;
  /** Table 43-15, both. */
  readonly base: number;
  readonly modifier: number;
}

export interface SensorProperties {
  readonly initialization: ReturnType<typeof initialization.decode>;
  /** Ignore the sensor when its entity is absent. */
  readonly ignoreWhenEntityAbsent: boolean;
  readonly autoReArm: boolean;
  readonly hysteresisAccess: Choice<(typeof accesses.names)[number]>;
  readonly thresholdAccess: Choice<(typeof accesses.names)[number]>;
  readonly eventControl: Choice<(typeof eventControls.names)[number]>;
  /** Table 42-3. */
  readonly sensorType: number;
  /** Table 42-1: 1 is threshold, 2 to 0x0c generic, 0x6f sensor-specific, 0x70 to 0x7f OEM. */
  readonly eventType: number;
  /** Bits of the states whose assertion makes an event; of threshold sensors table 43-1, bytes 15 and 16. */
  readonly assertionMask: number;
  readonly deassertionMask: number;
  /** Bits of the states that can be read; of threshold sensors the readable thresholds, and from bit 8 on the settable ones. */
  readonly readingMask: number;
  readonly units: SensorUnits;
}

export const thresholdEventType = 0x01;

export function decodeSensorProperties(reader: FieldReader): SensorProperties {
  const init = reader.u8('sensor initialization');
  const capabilities = reader.u8('sensor capabilities');
  const types = { sensorType: reader.u8('sensor type'), eventType: reader.u8('event/reading type') };
  const masks = {
    assertionMask: reader.u16('assertion event mask'),
    deassertionMask: reader.u16('deassertion event mask'),
    readingMask: reader.u16('reading mask'),
  };
  const unit = reader.u8('sensor units 1');
  return {
    initialization: initialization.decode(init),
    ignoreWhenEntityAbsent: (capabilities & 0x80) !== 0,
    autoReArm: (capabilities & 0x40) !== 0,
    hysteresisAccess: accesses.decode((capabilities >> 4) & 3),
    thresholdAccess: accesses.decode((capabilities >> 2) & 3),
    eventControl: eventControls.decode(capabilities & 3),
    ...types,
    ...masks,
    units: {
      format: analogFormats.decode(unit >> 6),
      rate: rateUnits.decode((unit >> 3) & 7),
      modifierUse: modifierUses.decode((unit >> 1) & 3),
      percentage: (unit & 1) !== 0,
      base: reader.u8('base unit'),
      modifier: reader.u8('modifier unit'),
    },
  };
}

export function encodeSensorProperties(sensor: SensorProperties): number[] {
  const { units } = sensor;
  return [
    initialization.encode(sensor.initialization),
    (sensor.ignoreWhenEntityAbsent ? 0x80 : 0) |
      (sensor.autoReArm ? 0x40 : 0) |
      (accesses.encode(sensor.hysteresisAccess) << 4) |
      (accesses.encode(sensor.thresholdAccess) << 2) |
      eventControls.encode(sensor.eventControl),
    sensor.sensorType,
    sensor.eventType,
    ...[sensor.assertionMask, sensor.deassertionMask, sensor.readingMask].flatMap((mask) => [mask & 0xff, mask >> 8]),
    (analogFormats.encode(units.format) << 6) |
      (rateUnits.encode(units.rate) << 3) |
      (modifierUses.encode(units.modifierUse) << 1) |
      (units.percentage ? 1 : 0),
    units.base,
    units.modifier,
  ];
}
