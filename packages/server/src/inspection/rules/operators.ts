// What the operators of conditions say of their arguments.
import { BlockList, isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { parseNetwork } from '../../config/index.ts';
import { textOf } from './references.ts';
import { matchesRegex } from './regular-expression.ts';

type Arguments = Readonly<Record<string, unknown>>;

/** Why an operator can not answer. */
export class OperatorProblem extends Error {}

const EMPTY_TEXTS: ReadonlySet<string> = new Set(['', 'None', '[]', '{}']);
const TRUE_TEXTS: ReadonlySet<string> = new Set(['yes', 'true']);
const FALSE_TEXTS: ReadonlySet<string> = new Set(['no', 'false']);

const isScalar = (value: unknown) => typeof value !== 'object' || value === null;

/** Longer texts are no numbers. */
const MAXIMUM_NUMBER_CHARACTERS = 64;
const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number, or a text that is written like one; undefined for all else. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return value;
  }
  return typeof value === 'string' && value.length <= MAXIMUM_NUMBER_CHARACTERS && NUMBER.test(value)
    ? Number(value)
    : undefined;
}

/** References are filled in as text, so a number and its text are the same. */
function areEqual(a: unknown, b: unknown): boolean {
  return isScalar(a) && isScalar(b) ? textOf(a) === textOf(b) : isDeepStrictEqual(a, b);
}

/** Below zero, zero or above it, as the first comes before, with or after the second. @throws OperatorProblem */
function compare(a: unknown, b: unknown, asTexts: boolean): number {
  const [first, second] = asTexts ? [undefined, undefined] : [numberOf(a), numberOf(b)];
  if (first !== undefined && second !== undefined) {
    return first - second;
  }
  if (asTexts || (typeof a === 'string' && typeof b === 'string')) {
    const [one, other] = [textOf(a), textOf(b)];
    return one < other ? -1 : one > other ? 1 : 0;
  }
  throw new OperatorProblem(
    `${JSON.stringify(a)} and ${JSON.stringify(b)} have no order; allowed: two numbers or two texts, or force_strings`,
  );
}

/** Whether every value and the one after it pass. */
function everyPair(
  { values, force_strings }: Arguments,
  passes: (a: unknown, b: unknown, asTexts: boolean) => boolean,
) {
  const list = values as readonly unknown[];
  return list.slice(1).every((value, index) => passes(list[index], value, force_strings === true));
}

function isInNet({ address, subnet }: Arguments): boolean {
  const network = parseNetwork(textOf(subnet));
  if (network === undefined) {
    throw new OperatorProblem(
      `${JSON.stringify(subnet)} is no subnet; allowed: an address and a length, such as "192.0.2.0/24" or "2001:db8::/32"`,
    );
  }
  const text = textOf(address).trim();
  const list = new BlockList();
  list.addSubnet(network.address, network.length, network.family);
  return isIP(text) !== 0 && list.check(text, isIP(text) === 6 ? 'ipv6' : 'ipv4');
}

function isWordOrNumber(value: unknown, words: ReadonlySet<string>, number: (value: number) => boolean): boolean {
  if (typeof value === 'string' && words.has(value.trim().toLowerCase())) {
    return true;
  }
  const read = numberOf(value);
  return read !== undefined && number(read);
}

/** The operators by name. They throw OperatorProblem or RegexProblem for arguments of which they can say nothing. */
export const operators: Readonly<Record<string, (args: Arguments) => boolean | Promise<boolean>>> = {
  eq: (args) => everyPair(args, (a, b, asTexts) => (asTexts ? textOf(a) === textOf(b) : areEqual(a, b))),
  lt: (args) => everyPair(args, (a, b, asTexts) => compare(a, b, asTexts) < 0),
  gt: (args) => everyPair(args, (a, b, asTexts) => compare(a, b, asTexts) > 0),
  'is-empty': ({ value }) => EMPTY_TEXTS.has(textOf(value)),
  'is-none': ({ value }) => textOf(value) === 'None',
  'is-true': ({ value }) => value === true || isWordOrNumber(value, TRUE_TEXTS, (number) => number !== 0),
  'is-false': ({ value }) =>
    value === false || textOf(value) === 'None' || isWordOrNumber(value, FALSE_TEXTS, (number) => number === 0),
  'in-net': isInNet,
  matches: ({ value, regex }) => matchesRegex(textOf(regex), textOf(value), 'whole'),
  contains: ({ value, regex }) => matchesRegex(textOf(regex), textOf(value), 'part'),
  'one-of': ({ value, values }) => ((values ?? []) as readonly unknown[]).some((each) => areEqual(value, each)),
};
