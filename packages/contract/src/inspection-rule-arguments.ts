// What the arguments of the conditions and actions of inspection rules may hold; texts may have references to be filled in.
import { isJsonObject } from './resources/value.ts';

interface ArgumentType {
  /** What is allowed, as the end of a sentence. */
  readonly allowed: string;
  readonly test: (value: unknown) => boolean;
}

/** How urgent the line of a `log` action is. */
export const ruleLogLevels = ['debug', 'info', 'warning', 'error', 'critical'] as const;

/** Longest regular expression; with the longest text it bounds what one match can cost. */
export const MAXIMUM_REGEX_CHARACTERS = 500;
const MAXIMUM_TIMEOUT_SECONDS = 60;
const MAXIMUM_RETRIES = 10;
const MAXIMUM_BACKOFF_FACTOR_SECONDS = 10;

const isText = (value: unknown): value is string => typeof value === 'string';
const isFilledText = (value: unknown) => isText(value) && value !== '';
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isTextMap = (value: unknown) => value === null || (isJsonObject(value) && Object.values(value).every(isText));

/** Whether the text has a reference whose value is only known during an inspection. */
const hasReference = (value: unknown) => isText(value) && value.includes('{');

/** Whether the text is a log level, in any letter case. */
export function isRuleLogLevel(text: string): boolean {
  return (ruleLogLevels as readonly string[]).includes(text.toLowerCase());
}

const text = { allowed: 'text', test: isText };
const filledText = { allowed: 'text that is not empty', test: isFilledText };
const textMap = { allowed: 'an object whose values are texts', test: isTextMap };
const flag = { allowed: 'true or false', test: isBoolean };

/** The arguments by name; those that may hold anything are not named. An argument means the same in every operation. */
export const argumentTypes: Readonly<Record<string, ArgumentType>> = {
  values: { allowed: 'a list', test: Array.isArray },
  force_strings: flag,
  unique: flag,
  msg: text,
  name: filledText,
  port_id: filledText,
  url: filledText,
  path: {
    allowed: 'a path such as "/extra/rack" or "extra.rack"',
    test: (value) => isFilledText(value) || (Array.isArray(value) && value.length > 0 && value.every(isFilledText)),
  },
  regex: {
    allowed: `a regular expression of 1 to ${MAXIMUM_REGEX_CHARACTERS} characters`,
    test: (value) => isText(value) && value.length > 0 && value.length <= MAXIMUM_REGEX_CHARACTERS,
  },
  level: {
    allowed: `one of ${ruleLogLevels.join(', ')}`,
    test: (value) => isText(value) && (isRuleLogLevel(value) || hasReference(value)),
  },
  headers: textMap,
  proxies: textMap,
  timeout: {
    allowed: `a number of seconds above 0, at most ${MAXIMUM_TIMEOUT_SECONDS}`,
    test: (value) => isNumber(value) && value > 0 && value <= MAXIMUM_TIMEOUT_SECONDS,
  },
  retries: {
    allowed: `an integer from 0 to ${MAXIMUM_RETRIES}`,
    test: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAXIMUM_RETRIES,
  },
  backoff_factor: {
    allowed: `a number of seconds from 0 to ${MAXIMUM_BACKOFF_FACTOR_SECONDS}`,
    test: (value) => isNumber(value) && value >= 0 && value <= MAXIMUM_BACKOFF_FACTOR_SECONDS,
  },
};
