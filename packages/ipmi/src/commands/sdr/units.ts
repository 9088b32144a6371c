// Units of sensors: table 43-15, and how base unit, modifier unit and rate are written together.
import type { SensorUnits } from './sensor-properties.ts';

/** Symbols where there is one, by the number of table 43-15. */
const unitSymbols: readonly string[] = [
  ...[
    '',
    '°C',
    '°F',
    'K',
    'V',
    'A',
    'W',
    'J',
    'C',
    'VA',
    'nt',
    'lm',
    'lx',
    'cd',
    'kPa',
    'psi',
    'N',
    'CFM',
    'RPM',
    'Hz',
  ],
  ...[
    'µs',
    'ms',
    's',
    'min',
    'h',
    'd',
    'wk',
    'mil',
    'in',
    'ft',
    'in³',
    'ft³',
    'mm',
    'cm',
    'm',
    'cm³',
    'm³',
    'l',
    'fl oz',
  ],
  ...[
    'rad',
    'sr',
    'revolutions',
    'cycles',
    'g₀',
    'oz',
    'lb',
    'ft·lb',
    'oz·in',
    'G',
    'Gb',
    'H',
    'mH',
    'F',
    'µF',
    'Ω',
    'S',
  ],
  ...[
    'mol',
    'Bq',
    'ppm',
    '',
    'dB',
    'dBA',
    'dBC',
    'Gy',
    'Sv',
    'K (colour)',
    'bit',
    'kbit',
    'Mbit',
    'Gbit',
    'byte',
    'kB',
  ],
  ...['MB', 'GB', 'word', 'dword', 'qword', 'lines', 'hits', 'misses', 'retries', 'resets', 'overflows', 'underruns'],
  ...['collisions', 'packets', 'messages', 'characters', 'errors', 'correctable errors', 'uncorrectable errors'],
  ...['fatal errors', 'grams'],
];

/** The symbol or name of one unit; "unit 93" and above for those that the specification does not define. */
export function unitName(unit: number): string {
  return unitSymbols[unit] ?? `unit ${unit}`;
}

const rateSuffixes: Readonly<Record<string, string>> = {
  'per µs': '/µs',
  'per ms': '/ms',
  'per s': '/s',
  'per min': '/min',
  'per h': '/h',
  'per day': '/d',
};

/** The unit of a sensor's values, "°C", "V", "% RPM", "W·s", "errors/h"; empty when unspecified. */
export function formatUnits(units: SensorUnits): string {
  const base = unitName(units.base);
  const modifier = unitName(units.modifier);
  const joined =
    units.modifierUse === 'divide'
      ? `${base}/${modifier}`
      : units.modifierUse === 'multiply'
        ? `${base}·${modifier}`
        : base;
  const withRate = `${joined}${rateSuffixes[units.rate] ?? ''}`;
  if (!units.percentage) return withRate;
  return withRate === '' ? '%' : `% ${withRate}`;
}
