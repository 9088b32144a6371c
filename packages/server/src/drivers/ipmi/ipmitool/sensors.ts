// Reads what "ipmitool -v sdr" prints: a paragraph for each sensor, a line for each thing that is known of it.
import type { SensorReading } from '../../kit/index.ts';

const LINE = /^\s*([^:]+?)\s*:\s*(.*?)\s*$/;
/** The type of a sensor stands under one of these names: "Temperature (0x01)". */
const TYPE = /^Sensor Type \((?:Analog|Discrete|Threshold)\)$/;
/** "42 (+/- 0) degrees C", "0 RPM", "12.096 (+/- 0.032) Volts". */
const NUMBER = /^(-?\d+(?:\.\d+)?)\s*(?:\(\+\/-\s*[\d.]+\))?\s+([A-Za-z%][^:]*)$/;

function fieldsOf(paragraph: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of paragraph.split('\n')) {
    const [, key, value] = LINE.exec(line) ?? [];
    if (key !== undefined && value !== undefined && value !== '') {
      fields[key] = value;
    }
  }
  return fields;
}

function readingOf(fields: Record<string, string>): SensorReading | undefined {
  const name = fields['Sensor ID'];
  const reading = fields['Sensor Reading'];
  const typed = Object.keys(fields).find((key) => TYPE.test(key));
  const type = typed === undefined ? undefined : fields[typed]?.split(' ')[0];
  if (name === undefined || reading === undefined || type === undefined) {
    return undefined;
  }
  const [, digits, unit] = NUMBER.exec(reading) ?? [];
  return {
    type,
    name,
    value: digits === undefined ? null : Number(digits),
    unit: unit ?? null,
    fields,
  };
}

/** The sensors; records that are none, or that have no reading at all, are left out. */
export function parseSensors(output: string): SensorReading[] {
  return output
    .split(/\n\s*\n/)
    .map((paragraph) => readingOf(fieldsOf(paragraph)))
    .filter((reading) => reading !== undefined);
}
