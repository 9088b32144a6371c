// Raw readings into values and back: formats, the formula and the linearization functions (IPMI 2.0, 36.3 and 36.4).
import { signed } from '../bit-fields.ts';
import type { FullSensor, ReadingFactors } from './full-sensor.ts';
import type { SensorUnits } from './sensor-properties.ts';

/** By the number of table 43-1, byte 24: what is applied after the formula, and its inverse. */
const linearizations: readonly { readonly apply: (x: number) => number; readonly invert: (y: number) => number }[] = [
  { apply: (x) => x, invert: (y) => y },
  { apply: Math.log, invert: Math.exp },
  { apply: Math.log10, invert: (y) => 10 ** y },
  { apply: Math.log2, invert: (y) => 2 ** y },
  { apply: Math.exp, invert: Math.log },
  { apply: (x) => 10 ** x, invert: Math.log10 },
  { apply: (x) => 2 ** x, invert: Math.log2 },
  { apply: (x) => 1 / x, invert: (y) => 1 / y },
  { apply: (x) => x ** 2, invert: Math.sqrt },
  { apply: (x) => x ** 3, invert: Math.cbrt },
  { apply: Math.sqrt, invert: (y) => y ** 2 },
  { apply: Math.cbrt, invert: (y) => y ** 3 },
];

const firstNonLinear = 0x70;

/** Whether each reading has factors of its own, which Get Sensor Reading Factors tells. */
export function isNonLinear(sensor: Pick<FullSensor, 'linearization'>): boolean {
  return sensor.linearization >= firstNonLinear;
}

/** The number that a raw byte stands for; undefined for a sensor without analog readings. */
export function rawNumber(format: SensorUnits['format'], raw: number): number | undefined {
  if (format === 'unsigned') return raw;
  if (format === "2's complement") return signed(raw, 8);
  // 0xff is minus zero.
  if (format === "1's complement") return raw < 0x80 ? raw : raw - 0xff;
  return undefined;
}

/** Powers of ten as a division where that is exact: 1.2 and not 1.2000000000000002. */
function scale(value: number, exponent: number): number {
  return exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
}

/** (M·x + B·10^bExponent)·10^rExponent. */
function applyFormula(factors: ReadingFactors, x: number): number {
  const { m, b, bExponent, rExponent } = factors;
  const exponent = bExponent + rExponent;
  // With whole numbers as long as possible, so that decimal fractions come out as such.
  return bExponent < 0 ? scale(m * x * 10 ** -bExponent + b, exponent) : scale(m * x + b * 10 ** bExponent, rExponent);
}

type Conversion = Pick<FullSensor, 'linearization' | 'factors' | 'units'>;

/**
 * The value of a raw reading in the sensor's units; undefined for a sensor without analog readings, and for a function
 * that has no value there (a logarithm of 0). For a non-linear sensor `factors` must be those of this reading.
 */
export function convertReading(sensor: Conversion, raw: number, factors = sensor.factors): number | undefined {
  const x = rawNumber(sensor.units.format, raw);
  const linearization = linearizations[isNonLinear(sensor) ? 0 : sensor.linearization];
  if (x === undefined || linearization === undefined) return undefined;
  const value = linearization.apply(applyFormula(factors, x));
  return Number.isFinite(value) ? value : undefined;
}

/** The width of a hysteresis of raw counts at linear sensors: without the offset B, and without a function. */
export function convertHysteresis(sensor: Conversion, counts: number): number | undefined {
  const x = rawNumber(sensor.units.format, counts);
  if (x === undefined || sensor.linearization !== 0) return undefined;
  return scale(Math.abs(sensor.factors.m) * x, sensor.factors.rExponent);
}

/** How far a reading may be off: plus or minus so many units (36.4.1), for linear sensors. */
export function convertTolerance(sensor: Conversion): number | undefined {
  if (sensor.linearization !== 0) return undefined;
  return scale(Math.abs(sensor.factors.m) * (sensor.factors.tolerance / 2), sensor.factors.rExponent);
}

/**
 * The raw byte whose value is nearest, for thresholds that are to be set; undefined for sensors without analog readings,
 * and for non-linear ones. Values beyond the sensor's range give the end of the range.
 */
export function rawOfValue(sensor: Conversion, value: number): number | undefined {
  if (isNonLinear(sensor)) return undefined;
  const candidates = Array.from({ length: 256 }, (_, raw) => ({ raw, converted: convertReading(sensor, raw) }));
  let best: { raw: number; distance: number } | undefined;
  for (const { raw, converted } of candidates) {
    if (converted === undefined) continue;
    const distance = Math.abs(converted - value);
    if (best === undefined || distance < best.distance) best = { raw, distance };
  }
  return best?.raw;
}
