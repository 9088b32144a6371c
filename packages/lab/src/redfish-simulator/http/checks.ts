// What a client may write: properties of a PATCH or POST and parameters of an action, checked all at once before anything is done.
import type { Body } from '../types.ts';
import { type Message, Problem } from './problem.ts';

/** What a value has to be; the kinds of faults follow the messages of the registry Base. */
export type Check = (value: unknown) => 'type' | 'list' | 'format' | 'range' | undefined;

export const isText: Check = (value) => (typeof value === 'string' ? undefined : 'type');
export const isTextOrNull: Check = (value) => (typeof value === 'string' || value === null ? undefined : 'type');
export const isBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'type');
export const isObject: Check = (value) => (asObject(value) === undefined ? 'type' : undefined);
export const isAny: Check = () => undefined;
export const isTexts: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'type';
export const isOneOf =
  (values: readonly string[]): Check =>
  (value) =>
    typeof value !== 'string' ? 'type' : values.includes(value) ? undefined : 'list';
export const isWhole =
  (least: number, most: number): Check =>
  (value) =>
    !Number.isInteger(value) ? 'type' : (value as number) < least || (value as number) > most ? 'range' : undefined;
/** A URI with a scheme. */
export const isUri: Check = (value) =>
  typeof value !== 'string' ? 'type' : /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value) ? undefined : 'format';

/** The value when it is a JSON object. */
export function asObject(value: unknown): Body | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const propertyFaults = {
  type: 'PropertyValueTypeError',
  list: 'PropertyValueNotInList',
  format: 'PropertyValueFormatError',
  range: 'PropertyValueOutOfRange',
} as const;

const parameterFaults = {
  type: 'ActionParameterValueTypeError',
  list: 'ActionParameterValueNotInList',
  format: 'ActionParameterValueFormatError',
  range: 'ActionParameterValueFormatError',
} as const;

/** Which properties may be written; an object stands for those of an object within. */
export interface Writable {
  readonly [name: string]: Check | Writable;
}

function faultsOf(body: Body, writable: Writable, present: Body, pointer: string): Message[] {
  return Object.entries(body).flatMap(([name, value]): Message[] => {
    if (name.startsWith('@')) return [];
    const related = [`#${pointer}/${name}`];
    const check = writable[name];
    if (check === undefined) {
      return [{ key: name in present ? 'PropertyNotWritable' : 'PropertyUnknown', args: [name], related }];
    }
    if (typeof check === 'object') {
      const inner = asObject(value);
      if (inner !== undefined) return faultsOf(inner, check, asObject(present[name]) ?? {}, `${pointer}/${name}`);
      return [{ key: 'PropertyValueTypeError', args: [shown(value), name], related }];
    }
    const fault = check(value);
    return fault === undefined ? [] : [{ key: propertyFaults[fault], args: [shown(value), name], related }];
  });
}

/**
 * Checks the properties that a PATCH or POST writes. `present` is the resource of now, which tells read-only properties
 * from unknown ones.
 * @throws Problem 400 with a message for each that can not be written
 */
export function checkProperties(body: Body, writable: Writable, present: Body, required: readonly string[] = []): void {
  const missing = required.filter((name) => body[name] === undefined);
  const messages = [
    ...faultsOf(body, writable, present, ''),
    ...missing.map((name): Message => ({ key: 'PropertyMissing', args: [name] })),
  ];
  if (messages.length > 0) throw new Problem(400, messages);
}

/** Checks the parameters of an action. @throws Problem 400 with a message for each that is wrong or missing */
export function checkParameters(
  action: string,
  body: Body,
  checks: Readonly<Record<string, Check>>,
  required: readonly string[] = [],
): void {
  const messages = Object.entries(body).flatMap(([name, value]): Message[] => {
    if (name.startsWith('@')) return [];
    const check = checks[name];
    if (check === undefined) return [{ key: 'ActionParameterUnknown', args: [action, name] }];
    const fault = check(value);
    return fault === undefined ? [] : [{ key: parameterFaults[fault], args: [shown(value), name, action] }];
  });
  const missing = required.filter((name) => body[name] === undefined);
  messages.push(...missing.map((name): Message => ({ key: 'ActionParameterMissing', args: [action, name] })));
  if (messages.length > 0) throw new Problem(400, messages);
}
