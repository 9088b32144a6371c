// What stands in angle brackets in the recording: UUIDs that the client chose, facts of this run, and what an answer brings.

/** Facts of a run that are known before it: <base>, <conductor>, <newest>. */
export type Constants = Readonly<Record<string, string>>;

/** Values of <made-1-2> and <token> as the answers brought them. */
export type Bindings = Map<string, string>;

const chosen: Readonly<Record<string, string>> = {
  node: '0000000a',
  portgroup: '0000000b',
  chassis: '0000000c',
  port: '0000000d',
  volume: '0000000e',
  item: '0000000f',
  instance: '000000ab',
  vif: '000000ef',
};

const bound = /<(?:made-\d+-\d+|token)>/g;

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Patterns of what differs in each run. */
const patterns: Readonly<Record<string, string>> = {
  '<text>': '[^]*',
  '<uuid>': uuid,
  '<ts>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?\\+00:00',
  '<token>': '\\S{32,}',
};

/** Puts in what is known before a run; `text` is a line of the recording, or a part of one. */
export function expand(text: string, constants: Constants): string {
  return text
    .replace(/<([a-z]+)-(\d+)>/g, (whole, kind: string, number: string) => {
      const prefix = chosen[kind];
      return prefix === undefined ? whole : `${prefix}-0000-4000-8000-${Number(number).toString(16).padStart(12, '0')}`;
    })
    .replace(/<([a-z]+)>/g, (whole, name: string) => constants[name] ?? whole);
}

/** Puts in what answers brought so far, in a request. */
export function fillIn(text: string, bindings: Bindings): string {
  return text
    .replace(bound, (name) => bindings.get(name) ?? name)
    .replace(/<(.)\*(\d+)>/g, (_, character: string, times: string) => character.repeat(Number(times)));
}

/** Whether a text is what the recording says; placeholders that have no value yet get theirs. */
export function matchText(expected: string, seen: string, bindings: Bindings): boolean {
  const names: string[] = [];
  const pattern = expected
    .split(/(<(?:text|ts|uuid|token|made-\d+-\d+)>)/)
    .map((part) => {
      // A token may be another one with each lookup; what is sent is the last one seen.
      const value = part === '<token>' ? undefined : bindings.get(part);
      if (value !== undefined) {
        return RegExp.escape(value);
      }
      if (part.startsWith('<made-') || part === '<token>') {
        names.push(part);
        return `(${patterns[part] ?? uuid})`;
      }
      return patterns[part] ?? RegExp.escape(part);
    })
    .join('');
  const match = new RegExp(`^${pattern}$`).exec(seen);
  names.forEach((name, index) => {
    const value = match?.[index + 1];
    if (value !== undefined) {
      bindings.set(name, value);
    }
  });
  return match !== null;
}
