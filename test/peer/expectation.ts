// Turns an answer of the peer into what this server is expected to answer: what differs in each run becomes a placeholder.
import { formOfError, type SeenAnswer } from '../conformance/compare.ts';
import type { Expectation, Request } from '../conformance/recording.ts';

/** Members whose texts are for people, or of another kind of implementation. */
const freeTexts: ReadonlySet<string> = new Set(['last_error', 'event', 'description', 'reason']);

/** Where the values themselves are texts for people. */
const descriptions = /\/(logical_disk_)?properties$/;

const chosenUuid = /^0{6}[0-9a-f]{2}-0000-4000-8000-/;

/** Base URLs and version ranges of the two servers. */
export interface Sides {
  readonly ironic: string;
  readonly wrought: string;
  /** The newest version that this server speaks, where the peer names its own. */
  readonly newest: string;
  /** The newest version of the peer. */
  readonly peerNewest: string;
}

/** `text` with the peer's address and what its run made replaced. */
export function generalise(text: string, sides: Sides): string {
  return text
    .replaceAll(sides.ironic, sides.wrought)
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uuid) => (chosenUuid.test(uuid) ? uuid : '<uuid>'))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00/g, '<ts>');
}

/** Makes texts for people placeholders, anywhere in a JSON value. */
export function withoutTexts(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutTexts(item, name));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutTexts(member, key)]));
  }
  return typeof value === 'string' && freeTexts.has(name.toLowerCase().replaceAll(' ', '_')) ? '<text>' : value;
}

/** The expectation that the answer of the peer makes. */
export function expectationOf(request: Request, answer: SeenAnswer, sides: Sides): Expectation {
  const { status, headers } = answer;
  const body = generalise(answer.body, sides);
  const location = headers.location;
  return {
    status,
    ...(location === undefined ? {} : { location: generalise(location, sides) }),
    ...bodyExpectation(request, status, body, sides),
    answer_headers: {
      'content-type': headers['content-type']?.replace('; charset=utf-8', '') ?? null,
      allow: headers.allow ?? null,
      version: headers['x-openstack-ironic-api-version'] ?? null,
      minimum: headers['x-openstack-ironic-api-minimum-version'] ?? null,
      maximum: headers['x-openstack-ironic-api-maximum-version'] === undefined ? null : sides.newest,
      'request-id': headers['openstack-request-id'] === undefined ? null : '<text>',
    },
  };
}

function bodyExpectation(request: Request, status: number, body: string, sides: Sides): Partial<Expectation> {
  if (body === '') return {};
  if (status >= 400) {
    const form = formOfError(body);
    return { fault: form === 'Client' || form === 'Server' || form === 'framework' ? form : 'text' };
  }
  // The range that GET / and GET /v1 name is each server's own.
  const ofThis = body.replaceAll(`"version": "${sides.peerNewest}"`, `"version": "${sides.newest}"`);
  const answer: unknown = JSON.parse(ofThis);
  if (descriptions.test(request.send)) {
    return { answer: Object.fromEntries(Object.keys(answer as object).map((key) => [key, '<text>'])) };
  }
  return { answer: withoutTexts(answer) };
}
