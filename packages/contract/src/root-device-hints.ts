// Root device hints: the language in which a node says which of its disks shall hold the operating system.

/** Bytes of a GiB, the unit of the `size` hint. */
const GIB_BYTES = 1024 ** 3;

/** The hints and the kind of value each one compares. */
export const ROOT_DEVICE_HINTS = {
  size: 'integer',
  model: 'string',
  wwn: 'string',
  serial: 'string',
  vendor: 'string',
  wwn_with_extension: 'string',
  wwn_vendor_extension: 'string',
  name: 'string',
  rotational: 'boolean',
  hctl: 'string',
  by_path: 'string',
} as const;
export type RootDeviceHintName = keyof typeof ROOT_DEVICE_HINTS;

const NUMERIC_OPERATORS = ['==', '!=', '>=', '<=', '>', '<', '='] as const;
const STRING_OPERATORS = ['s==', 's!=', 's>=', 's<=', 's>', 's<'] as const;
const SET_OPERATORS = ['<in>', '<all-in>', '<or>'] as const;
const RANGE_OPERATOR = '<range-in>';
// Longer operators stand before those they begin with.
const OPERATORS = [RANGE_OPERATOR, ...SET_OPERATORS, ...STRING_OPERATORS, ...NUMERIC_OPERATORS] as const;
export type RootDeviceHintOperator = (typeof OPERATORS)[number];

/** One hint, parsed. `range` is there for `<range-in>` only. */
export type RootDeviceHint = {
  name: RootDeviceHintName;
  operator: RootDeviceHintOperator;
  /** Trimmed and in lower case. */
  values: string[];
  range?: { low: number; high: number; includesLow: boolean; includesHigh: boolean };
};

/** What hints are compared with; sizes in bytes. The disks of an inventory are such devices. */
export type HintableDevice = {
  name: string;
  size: number;
  rotational?: boolean | null;
  model?: string | null;
  vendor?: string | null;
  serial?: string | null;
  wwn?: string | null;
  wwn_with_extension?: string | null;
  wwn_vendor_extension?: string | null;
  hctl?: string | null;
  by_path?: string | null;
};

/** A hint that cannot be understood; the message names hint, value and what is allowed. */
export class RootDeviceHintError extends Error {
  override name = 'RootDeviceHintError';
}

function isHintName(name: string): name is RootDeviceHintName {
  return Object.hasOwn(ROOT_DEVICE_HINTS, name);
}

const TRUE_WORDS = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE_WORDS = ['0', 'f', 'false', 'off', 'n', 'no'];

function parseBoolean(name: RootDeviceHintName, value: unknown): RootDeviceHint {
  const word = String(value).trim().toLowerCase();
  if (!TRUE_WORDS.includes(word) && !FALSE_WORDS.includes(word)) {
    throw new RootDeviceHintError(`Root device hint "${name}" is not a Boolean value: ${JSON.stringify(value)}`);
  }
  return { name, operator: '==', values: [TRUE_WORDS.includes(word) ? 'true' : 'false'] };
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** The operator an expression begins with; it counts only when a value follows it. */
function leadingOperator(expression: string): RootDeviceHintOperator | undefined {
  const operator = OPERATORS.find((candidate) => expression.startsWith(candidate));
  if (operator === undefined || expression.length === operator.length) return undefined;
  // `s==x` may be a value that happens to begin like an operator; words need a space after them.
  if (operator.startsWith('s') && !/\s/.test(expression.charAt(operator.length))) return undefined;
  return operator;
}

function parseRange(name: RootDeviceHintName, text: string): RootDeviceHint {
  const match = /^([[(])\s*([^\s,]+)\s*[\s,]\s*([^\s,\])]+)\s*([\])])$/.exec(text);
  const low = Number(match?.[2]);
  const high = Number(match?.[3]);
  if (match === null || !Number.isFinite(low) || !Number.isFinite(high)) {
    throw new RootDeviceHintError(
      `Root device hint "${name}": the range "${text}" must look like "[ 10 20 ]"; a round bracket leaves its end out`,
    );
  }
  const range = { low, high, includesLow: match[1] === '[', includesHigh: match[4] === ']' };
  return { name, operator: RANGE_OPERATOR, values: [String(low), String(high)], range };
}

function parseOperatorExpression(
  name: RootDeviceHintName,
  operator: RootDeviceHintOperator,
  expression: string,
): RootDeviceHint {
  const rest = expression.slice(operator.length);
  if (operator === RANGE_OPERATOR) {
    if (name !== 'size') {
      throw new RootDeviceHintError(`Root device hint "${name}": ${RANGE_OPERATOR} is for "size" only`);
    }
    return parseRange(name, rest.trim());
  }
  const isSet = SET_OPERATORS.some((candidate) => candidate === operator);
  const pieces = isSet ? rest.split(operator) : [rest];
  const values = pieces.map((piece) => piece.trim()).filter((piece) => piece !== '');
  if (values.length === 0) {
    throw new RootDeviceHintError(`Root device hint "${name}": no value stands after ${operator}`);
  }
  const isNumeric = NUMERIC_OPERATORS.some((candidate) => candidate === operator);
  if (isNumeric && !values.every(isNumber)) {
    throw new RootDeviceHintError(
      `Root device hint "${name}": ${operator} compares numbers, not "${values.join(' ')}"`,
    );
  }
  return { name, operator, values };
}

function checkSizeValues(hint: RootDeviceHint, value: unknown): RootDeviceHint {
  for (const text of hint.values) {
    if (!/^\d+$/.test(text) || Number(text) <= 0) {
      throw new RootDeviceHintError(
        `Root device hint "size" should be a positive integer (GiB), possibly after an operator: ${JSON.stringify(value)}`,
      );
    }
  }
  return hint;
}

function parseHint(name: RootDeviceHintName, value: unknown): RootDeviceHint {
  const kind = ROOT_DEVICE_HINTS[name];
  if (kind === 'boolean') return parseBoolean(name, value);
  if (typeof value !== 'string' && (kind === 'string' || typeof value !== 'number')) {
    throw new RootDeviceHintError(
      `Root device hint "${name}" is not ${kind === 'string' ? 'a string' : 'an integer'} value: ${JSON.stringify(value)}`,
    );
  }
  const expression = String(value).trim().toLowerCase();
  if (expression === '') throw new RootDeviceHintError(`Root device hint "${name}" is empty`);
  const operator = leadingOperator(expression);
  const hint: RootDeviceHint =
    operator === undefined
      ? { name, operator: kind === 'integer' ? '==' : 's==', values: [expression] }
      : parseOperatorExpression(name, operator, expression);
  return kind === 'integer' ? checkSizeValues(hint, value) : hint;
}

/**
 * Parses the value of `properties.root_device` or `instance_info.root_device`, or an element of
 * `properties.skip_block_devices`.
 *
 * A value is either plain (equality) or begins with an operator: `= == != >= <= > <` compare numbers (`=` means
 * at least, as in Ironic), `s== s!= s>= s> s<= s<` compare strings, `<in>` finds a part of a string, `<all-in>`
 * all of several parts, `<or>` one of several whole values, `<range-in>` an interval (`size` only).
 *
 * @throws RootDeviceHintError for unknown names and for values of the wrong kind.
 */
export function parseRootDeviceHints(hints: { [name: string]: unknown } | null | undefined): RootDeviceHint[] {
  const entries = Object.entries(hints ?? {});
  const unknown = entries.map(([name]) => name).filter((name) => !isHintName(name));
  if (unknown.length > 0) {
    throw new RootDeviceHintError(
      `The hints "${unknown.join(', ')}" are invalid. Valid hints are: "${Object.keys(ROOT_DEVICE_HINTS).join(', ')}"`,
    );
  }
  return entries.flatMap(([name, value]) => (isHintName(name) ? [parseHint(name, value)] : []));
}

/** Writes a parsed hint as the expression it came from, for messages. */
export function formatRootDeviceHint(hint: RootDeviceHint): string {
  if (hint.range !== undefined) {
    const { low, high, includesLow, includesHigh } = hint.range;
    return `${RANGE_OPERATOR} ${includesLow ? '[' : '('} ${low} ${high} ${includesHigh ? ']' : ')'}`;
  }
  return hint.values.map((value) => `${hint.operator} ${value}`).join(' ');
}

function compareNumbers(operator: RootDeviceHintOperator, left: number, right: number): boolean {
  if (!Number.isFinite(left)) return false;
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '>=':
    case '=':
      return left >= right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left < right;
  }
}

function compareStrings(operator: RootDeviceHintOperator, left: string, right: string): boolean {
  switch (operator) {
    case 's==':
      return left === right;
    case 's!=':
      return left !== right;
    case 's>=':
      return left >= right;
    case 's<=':
      return left <= right;
    case 's>':
      return left > right;
    default:
      return left < right;
  }
}

function matchText(hint: RootDeviceHint, text: string): boolean {
  const first = hint.values[0] ?? '';
  if (hint.operator === '<in>') return hint.values.some((value) => text.includes(value));
  if (hint.operator === '<all-in>') {
    return hint.values.every((value) => value.split(/\s+/).every((word) => text.includes(word)));
  }
  if (hint.operator === '<or>') return hint.values.includes(text);
  if (hint.operator.startsWith('s')) return compareStrings(hint.operator, text, first);
  return isNumber(text) && compareNumbers(hint.operator, Number(text), Number(first));
}

/**
 * Compares a size. Disks are seldom whole numbers of GiB: equality looks at the whole GiB, so that `size: 447`
 * finds a disk of 447.1 GiB; order and ranges look at the exact size.
 */
function matchSize(hint: RootDeviceHint, sizeBytes: number): boolean {
  const exactGib = sizeBytes / GIB_BYTES;
  if (hint.range !== undefined) {
    const { low, high, includesLow, includesHigh } = hint.range;
    return (includesLow ? exactGib >= low : exactGib > low) && (includesHigh ? exactGib <= high : exactGib < high);
  }
  const wholeGib = Math.floor(exactGib);
  if (hint.operator === '<or>') return hint.values.some((value) => Number(value) === wholeGib);
  if (hint.operator.startsWith('s') || hint.operator.startsWith('<in') || hint.operator.startsWith('<all')) {
    return matchText(hint, String(wholeGib));
  }
  const isEquality = hint.operator === '==' || hint.operator === '!=';
  return compareNumbers(hint.operator, isEquality ? wholeGib : exactGib, Number(hint.values[0]));
}

function matchHint(device: HintableDevice, hint: RootDeviceHint): boolean {
  if (hint.name === 'size') return matchSize(hint, device.size);
  const value = device[hint.name];
  if (value === null || value === undefined) return false;
  const text = String(value).trim().toLowerCase();
  if (hint.name === 'rotational') return text === hint.values[0];
  return text !== '' && matchText(hint, text);
}

/** Tells whether a device has all of the hinted properties; an unknown property matches nothing. */
export function matchesRootDeviceHints(device: HintableDevice, hints: readonly RootDeviceHint[]): boolean {
  return hints.every((hint) => matchHint(device, hint));
}

/** The devices left when those that match any element of `properties.skip_block_devices` are taken out. */
export function withoutSkippedDevices<Device extends HintableDevice>(
  devices: readonly Device[],
  skipBlockDevices: readonly { [name: string]: unknown }[] | null | undefined,
): Device[] {
  const skipped = (skipBlockDevices ?? []).map((hints) => parseRootDeviceHints(hints));
  return devices.filter(
    (device) => !skipped.some((hints) => hints.length > 0 && matchesRootDeviceHints(device, hints)),
  );
}
