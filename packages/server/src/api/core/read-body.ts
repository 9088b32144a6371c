// Reads the body of a create request against the declaration of its resource.
import { isJsonObject, type Resource, registeredError, type ValueType } from '@wrought/contract';
import { tooNew } from './fields.ts';

const SHOWN_VALUE_MAXIMUM = 80;

/** A value as it stands in an error text. */
export function shownValue(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > SHOWN_VALUE_MAXIMUM ? `${json.slice(0, SHOWN_VALUE_MAXIMUM)}...` : json;
}

/** Reads one value. @throws RegisteredError that names the field, the value and what is allowed */
export function readValue(name: string, type: ValueType, value: unknown): unknown {
  const reading = type.read(value);
  if (reading.ok) {
    return reading.value;
  }
  const found = 'found' in reading ? reading.found : value;
  throw registeredError('Invalid', {
    reason: `The field ${name}${reading.at ?? ''} has the invalid value ${shownValue(found)}; allowed: ${reading.allowed ?? type.allowed}.`,
  });
}

/** The body as a JSON object; an absent body counts as empty. @throws RegisteredError */
export function objectBody(body: unknown): Record<string, unknown> {
  if (body === undefined) {
    return {};
  }
  if (!isJsonObject(body)) {
    throw registeredError('Invalid', {
      reason: `The request body has to be a JSON object, not ${shownValue(body)}.`,
    });
  }
  return body;
}

/** @throws RegisteredError for members that are not in `names` */
export function checkMembers(body: Record<string, unknown>, names: readonly string[], what: string): void {
  const unknown = Object.keys(body).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw registeredError('Invalid', {
      reason:
        `The ${what} has unexpected members: ${unknown.map((name) => `"${name}"`).join(', ')}; ` +
        `allowed: ${names.join(', ')}.`,
    });
  }
}

/** Options of `readCreate`. */
interface CreateRules {
  /** Fields that older clients may send as null before their version. */
  readonly nullTolerated?: readonly string[];
}

/**
 * Reads the values of a new object: names and versions first, then each value; what is absent stays absent.
 * @throws RegisteredError 400 and 406
 */
export function readCreate(
  of: Resource,
  body: unknown,
  minor: number,
  rules: CreateRules = {},
): Record<string, unknown> {
  const sent = objectBody(body);
  const creatable = Object.entries(of.fields).filter(([, field]) => field.create);
  checkMembers(
    sent,
    creatable.map(([name]) => name),
    `new ${of.name}`,
  );
  const values: Record<string, unknown> = {};
  for (const [name, field] of creatable) {
    const value = sent[name];
    if (value === undefined) {
      if (field.required) {
        throw registeredError('Invalid', { reason: `The field ${name} is required for a new ${of.name}.` });
      }
      continue;
    }
    if (field.since > minor) {
      if (value === null && rules.nullTolerated?.includes(name)) {
        continue;
      }
      throw tooNew(`The field "${name}"`, field.since, minor);
    }
    values[name] = readValue(name, field.type, value);
  }
  return values;
}
