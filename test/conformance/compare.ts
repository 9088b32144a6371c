// Compares an answer with the recorded one: status, headers, form and values of the body; texts for people are not compared.
import { type Bindings, matchText } from './placeholders.ts';
import type { Expectation, Request } from './recording.ts';

export interface SeenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** The recorded versions reach this far; a request that says nothing else names it. */
export const RECORDED_NEWEST = '1.82';

const headerNames: Readonly<Record<string, string>> = {
  version: 'x-openstack-ironic-api-version',
  minimum: 'x-openstack-ironic-api-minimum-version',
  maximum: 'x-openstack-ironic-api-maximum-version',
  'request-id': 'openstack-request-id',
};

/** Any value of a header will do. */
const ANY = '<text>';

/** How the answer departs from the expectation, a sentence each; empty when it does not. */
export function departuresOf(
  request: Request,
  expected: Expectation,
  seen: SeenAnswer,
  newest: string,
  bindings: Bindings,
): string[] {
  if (seen.status !== expected.status) {
    return [`status ${expected.status}, seen ${seen.status} ${shown(seen.body)}`];
  }
  const form = seen.body === '' ? undefined : formOfError(seen.body);
  if (expected.fault !== undefined && form !== undefined && form !== expected.fault && expected.fault !== 'text') {
    // The headers differ with the form: one sentence is enough.
    return [`error of the form ${expected.fault}, seen ${form} ${shown(seen.body)}`];
  }
  return [...headerDepartures(request, expected, seen, newest, bindings), ...bodyDepartures(expected, seen, bindings)];
}

/** What `fault` says of an error's body. */
export function formOfError(text: string): string {
  const body: unknown = JSON.parse(text);
  const message = isObject(body) ? body.error_message : undefined;
  if (typeof message !== 'string') {
    return 'without error_message';
  }
  try {
    const fault: unknown = JSON.parse(message);
    return isObject(fault) ? String(fault.faultcode ?? 'framework') : 'text';
  } catch {
    // Not JSON: a text for people.
    return 'text';
  }
}

/** The same for a case of a matrix, of which status and Location were kept. */
export function statusDepartures(expected: Expectation, seen: SeenAnswer): string[] {
  if (seen.status !== expected.status) {
    return [`status ${expected.status}, seen ${seen.status} ${shown(seen.body)}`];
  }
  return seen.headers.location === expected.location
    ? []
    : [`location ${expected.location ?? 'absent'}, seen ${seen.headers.location ?? 'none'}`];
}

/** The norm, and over it what the recording says: a framework object has none of the headers of the API. */
function expectedHeaders(request: Request, expected: Expectation, newest: string): Record<string, string | null> {
  const hasBody = expected.fault !== undefined || hasBodyExpectation(expected);
  const ofApi =
    expected.fault === 'framework'
      ? { version: null, minimum: null, maximum: null, 'request-id': null }
      : {
          version: request.version === null ? '1.1' : (request.version ?? RECORDED_NEWEST),
          minimum: '1.1',
          maximum: newest,
          'request-id': ANY,
        };
  return {
    'content-type': hasBody ? 'application/json' : null,
    location: expected.location ?? null,
    allow: null,
    ...ofApi,
    ...expected.answer_headers,
  };
}

function headerDepartures(
  request: Request,
  expected: Expectation,
  seen: SeenAnswer,
  newest: string,
  bindings: Bindings,
): string[] {
  return Object.entries(expectedHeaders(request, expected, newest)).flatMap(([name, wanted]) => {
    const value = seen.headers[headerNames[name] ?? name]?.replace('; charset=utf-8', '');
    const agrees = wanted === null ? value === undefined : value !== undefined && matchText(wanted, value, bindings);
    return agrees ? [] : [`header ${name} ${wanted ?? 'absent'}, seen ${value ?? 'none'}`];
  });
}

function hasBodyExpectation(expected: Expectation): boolean {
  return ['answer', 'part', 'answer_keys', 'item_keys', 'items', 'is_last_page'].some((key) => key in expected);
}

function bodyDepartures(expected: Expectation, seen: SeenAnswer, bindings: Bindings): string[] {
  if (expected.fault !== undefined) {
    return faultDepartures(expected, seen.body);
  }
  if (!hasBodyExpectation(expected)) {
    return seen.body === '' ? [] : [`no body, seen ${shown(seen.body)}`];
  }
  if (seen.body === '') {
    return ['a body, seen none'];
  }
  const body: unknown = JSON.parse(seen.body);
  const list = listIn(body);
  return [
    ...('answer' in expected ? differences(expected.answer, body, bindings, 'body', true) : []),
    ...('part' in expected ? differences(expected.part, body, bindings, 'body', false) : []),
    ...(expected.answer_keys === undefined ? [] : keyDifferences(expected.answer_keys, body, 'body')),
    ...(expected.item_keys === undefined
      ? []
      : list.flatMap((item, index) => keyDifferences(expected.item_keys ?? [], item, `item ${index}`))),
    ...(expected.items === undefined || list.length === expected.items
      ? []
      : [`${expected.items} items, seen ${list.length}`]),
    ...(expected.is_last_page && isObject(body) && body.next !== undefined ? [`no next, seen ${body.next}`] : []),
  ];
}

/** The members of an error, whose form is known to be the expected one. */
function faultDepartures(expected: Expectation, text: string): string[] {
  if (text === '') {
    return ['an error body, seen none'];
  }
  if (expected.fault === 'text') {
    return [];
  }
  const fault: unknown = JSON.parse(JSON.parse(text).error_message);
  const wanted =
    expected.fault === 'framework'
      ? { code: expected.status, title: ANY, description: ANY }
      : { faultcode: expected.fault, faultstring: ANY, debuginfo: null };
  return differences(wanted, fault, new Map(), 'error', true);
}

/** The one list of a collection's body. */
function listIn(body: unknown): readonly unknown[] {
  return isObject(body) ? (Object.values(body).find((value) => Array.isArray(value)) ?? []) : [];
}

function keyDifferences(expected: readonly string[], seen: unknown, at: string): string[] {
  const keys = isObject(seen) ? Object.keys(seen) : [];
  const lacking = expected.filter((key) => !keys.includes(key)).map((key) => `${at} lacks ${key}`);
  const surplus = keys.filter((key) => !expected.includes(key)).map((key) => `${at} has ${key} besides`);
  return [...lacking, ...surplus];
}

/** Where a value departs from the expected one; `isWhole`: no members besides the expected ones. */
export function differences(
  expected: unknown,
  seen: unknown,
  bindings: Bindings,
  at: string,
  isWhole: boolean,
): string[] {
  if (typeof expected === 'string' && typeof seen === 'string') {
    return matchText(expected, seen, bindings) ? [] : [`${at} ${shown(expected)}, seen ${shown(seen)}`];
  }
  if (Array.isArray(expected) && Array.isArray(seen)) {
    return expected.length === seen.length
      ? expected.flatMap((item, index) => differences(item, seen[index], bindings, `${at}[${index}]`, isWhole))
      : [`${at} of ${expected.length} items, seen ${seen.length}: ${shown(seen)}`];
  }
  if (isObject(expected) && isObject(seen)) {
    const keys = isWhole ? keyDifferences(Object.keys(expected), seen, at) : [];
    const values = Object.entries(expected).flatMap(([key, value]) =>
      key in seen || !isWhole ? differences(value, seen[key], bindings, `${at}.${key}`, isWhole) : [],
    );
    return [...keys, ...values];
  }
  return Object.is(expected, seen) ? [] : [`${at} ${shown(expected)}, seen ${shown(seen)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_CHARACTERS = 200;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
