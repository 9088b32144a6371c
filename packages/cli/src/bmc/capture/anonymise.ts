// Takes out of a dump what tells which machine it is of, and who looks after it; the same value becomes the same stand-in everywhere.
import { isIP, isIPv6 } from 'node:net';
import { isPlaceholder, isSecretName, type Kind, kindOfName } from './identities.ts';
import { StandIns } from './stand-ins.ts';
import type { Bodies, Json } from './walk.ts';

export interface Anonymised {
  readonly bodies: Bodies;
  /** How many different values of each kind. */
  readonly replaced: ReadonlyMap<Kind, number>;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

type Visit = (name: string, value: string) => unknown;

/** What else is changed: names of properties, and numbers by the names of their properties. */
interface Also {
  readonly name?: (name: string) => string;
  readonly number?: (name: string, value: number) => number;
}

/** A copy with every string given to `visit`, with the name of the property that it is in, also of lists and objects inside. */
function mapped(value: unknown, name: string, visit: Visit, also: Also = {}): unknown {
  if (typeof value === 'string') return visit(name, value);
  if (typeof value === 'number') return also.number?.(name, value) ?? value;
  if (Array.isArray(value)) return value.map((each) => mapped(each, name, visit, also));
  if (!isJson(value)) return value;
  const entries = Object.entries(value).map(([inner, each]) => {
    // What is inside of a place, or of a list of servers, is of its kind.
    const owner = kindOfName(inner) === undefined && kindOfName(name) === 'place' ? name : inner;
    return [also.name?.(inner) ?? inner, mapped(each, owner, visit, also)];
  });
  return Object.fromEntries(entries);
}

/** Takes the values of properties that hold secrets out: they become null. @returns how many there were */
export function withoutSecrets(bodies: Bodies): { readonly bodies: Bodies; readonly secrets: number } {
  let secrets = 0;
  const visit: Visit = (name, value) => {
    if (!isSecretName(name) || value === '') return value;
    secrets += 1;
    return null;
  };
  // Headers and the like are objects: whatever is in them goes.
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (!isJson(value)) return value;
    const entries = Object.entries(value).map(([name, each]) => {
      if (!isSecretName(name) || !(isJson(each) || Array.isArray(each))) return [name, strip(each)];
      secrets += 1;
      return [name, Array.isArray(each) ? [] : {}];
    });
    return Object.fromEntries(entries);
  };
  const cleaned: Bodies = new Map();
  for (const [path, body] of bodies) cleaned.set(path, mapped(strip(body), '', visit) as Json);
  return { bodies: cleaned, secrets };
}

const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const patterns: readonly (readonly [source: string, kind: Kind])[] = [
  ['\\b[a-z][a-z0-9+.-]*://[^\\s"\'<>,;]+', 'address'],
  // Annotations of properties look like addresses of mail.
  ['[\\w.+-]+@(?!(?:Redfish|odata|Message)\\.)[\\w-]+(?:\\.[\\w-]+)+', 'user name'],
  ['\\b(?:iqn|nqn)\\.\\d{4}-\\d\\d\\.[\\w.:-]+', 'identifier'],
  ['(?<![0-9a-f-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f-])', 'UUID'],
  ['(?<![0-9a-f:-])(?:[0-9a-f]{2}[:-]){7}[0-9a-f]{2}(?![0-9a-f:-])', 'MAC address'],
  ['(?<![0-9a-f:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f:-])', 'MAC address'],
  ['(?<=\\bMAC\\()[0-9a-f]{12}', 'MAC address'],
  [`(?<![\\d.])(?:${octet}\\.){3}${octet}(?![\\d.]*\\d)`, 'IP address'],
  ['(?<![0-9a-z:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![0-9a-z:])', 'IP address'],
];

/** Where the schemas themselves are: the same for everybody. */
const publicAddress = /^https?:\/\/(?:redfish\.dmtf\.org|www\.dmtf\.org|www\.w3\.org)(?:\/|$)|^urn:/i;
const isVersionName = (name: string) => /version|revision|release|^(Id|Installed)$/i.test(name);
const isMask = (name: string, value: string) => /mask/i.test(name) || /^(0\.|255\.)/.test(value);
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Words that stand for more than the machine: makers, models, and parts of paths without digits. */
function wordsToKeep(bodies: Bodies): ReadonlySet<string> {
  const kept = new Set<string>();
  const keep = (text: string) => {
    for (const word of text.split(/[^A-Za-z]+/)) kept.add(word.toLowerCase());
  };
  for (const [path, body] of bodies) {
    for (const part of path.split('/')) if (!/\d/.test(part)) keep(part);
    mapped(body, '', (name, value) =>
      /^(Manufacturer|Model|Vendor|Product|RoleId)$/.test(name) ? keep(value) : value,
    );
  }
  return kept;
}

/** What is called a UUID or MAC address, and has more in it than digits, is some other identifier. */
const kindOfValue = (kind: Kind, value: string): Kind =>
  (kind === 'UUID' || kind === 'MAC address') && !/^[0-9a-f:.{}-]+$/i.test(value) ? 'identifier' : kind;

/** Values to replace wherever they stand as whole words, by what they are. */
function knownValues(bodies: Bodies, known: Readonly<Record<string, Kind>>): Map<string, Kind> {
  const kept = wordsToKeep(bodies);
  const found = new Map<string, Kind>(Object.entries(known));
  const visit: Visit = (name, value) => {
    const kind = kindOfName(name);
    const isTelling = value.length >= 4 && !kept.has(value.toLowerCase()) && !isPlaceholder(value);
    if (kind !== undefined && kind !== 'address' && kind !== 'user name' && isTelling && isIP(value) === 0) {
      found.set(value, kindOfValue(kind, value));
      // Device paths have the digits of a MAC address without what separates them.
      if (kind === 'MAC address') found.set(value.replace(/[:-]/g, ''), kind);
    }
    return value;
  };
  for (const body of bodies.values()) mapped(body, '', visit);
  return found;
}

/**
 * Replaces serial numbers, MAC addresses, UUIDs, names of hosts and users, addresses, asset tags and places.
 *
 * @param known what the caller knows besides, such as the host of the BMC
 */
export function anonymise(bodies: Bodies, known: Readonly<Record<string, Kind>> = {}): Anonymised {
  const standIns = new StandIns();
  const values = knownValues(bodies, known);
  const longestFirst = [...values.keys()].sort((one, other) => other.length - one.length);
  const sources = patterns.map(([source]) => `(${source})`);
  const words =
    longestFirst.length === 0 ? [] : [`(?<![A-Za-z0-9])(${longestFirst.map(escaped).join('|')})(?![A-Za-z0-9])`];
  const everything = new RegExp([...words, ...sources].join('|'), 'gi');
  const lowered = new Map([...values].map(([value, kind]) => [value.toLowerCase(), kind]));
  const users = userNames(bodies);

  const replaceIn = (name: string, text: string): string =>
    text.replace(everything, (match, ...groups) => {
      const kind = lowered.get(match.toLowerCase());
      if (kind !== undefined) return standIns.of(kind, match);
      const offset = words.length;
      const index = patterns.findIndex((_, at) => groups[offset + at] !== undefined);
      const found = patterns[index]?.[1];
      if (found === undefined) return match;
      if (found === 'address') return publicAddress.test(match) ? match : standIns.of('address', match);
      if (found !== 'IP address') return isPlaceholder(match.replace(/[:-]/g, '')) ? match : standIns.of(found, match);
      const isAddress = match.includes(':')
        ? isIPv6(match) && !isPlaceholder(match)
        : !isMask(name, match) && !isVersionName(name);
      return isAddress ? standIns.of('IP address', match) : match;
    });

  const path = (text: string): string => {
    const [before, after] = text.split(/(?<=\/Accounts\/)/i);
    const renamed = after !== undefined && users.has(after) ? before + standIns.of('user name', after) : text;
    return replaceIn('@odata.id', renamed);
  };

  const visit: Visit = (name, value) => {
    if (value === '' || name === '@odata.type' || name === '@odata.context') return value;
    if (value.startsWith('/redfish/')) return path(value);
    const kind = kindOfName(name);
    if (kind !== undefined && !isPlaceholder(value)) {
      if (isIP(value) !== 0) return isMask(name, value) ? value : standIns.of('IP address', value);
      return standIns.of(values.get(value) ?? kindOfValue(kind, value), value);
    }
    if (users.has(value) && name !== 'RoleId') return standIns.of('user name', value);
    const worded = / /.test(value)
      ? value.replace(/[\w.@-]+/g, (word) => (users.has(word) ? standIns.of('user name', word) : word))
      : value;
    return replaceIn(name, worded);
  };
  // Codes of service and coordinates are numbers at times.
  const also: Also = {
    name: (name) => replaceIn('', name),
    number: (name, value) => (kindOfName(name) === undefined ? value : 0),
  };
  const anonymous: Bodies = new Map();
  for (const [key, body] of bodies) {
    const isRole = /\/Roles\/[^/]+$/i.test(key);
    anonymous.set(path(key), isRole ? body : (mapped(body, '', visit, also) as Json));
  }
  return { bodies: anonymous, replaced: standIns.counts() };
}

function userNames(bodies: Bodies): ReadonlySet<string> {
  const found = new Set<string>();
  const visit: Visit = (name, value) => {
    if (kindOfName(name) === 'user name' && !isPlaceholder(value)) found.add(value);
    return value;
  };
  for (const body of bodies.values()) mapped(body, '', visit);
  return found;
}
