// Stand-ins for values that tell who a machine is: one and the same for each value, of the same shape, from ranges kept for examples.
import type { Kind } from './identities.ts';

const hexadecimal = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

/** Networks for documentation (RFC 5737), then the one for benchmarks (RFC 2544). */
function ipv4(number: number): string {
  const networks = ['192.0.2', '198.51.100', '203.0.113'];
  const hosts = 254;
  const network = networks[Math.floor((number - 1) / hosts)];
  if (network !== undefined) return `${network}.${((number - 1) % hosts) + 1}`;
  return `198.18.${(number >> 8) & 0xff}.${number & 0xff}`;
}

/** Digits in place of the hexadecimal digits, everything else as it was. */
function sameShape(value: string, number: number): string {
  const count = value.replace(/[^0-9a-f]/gi, '').length;
  const digits = hexadecimal(number, count).slice(-count);
  let next = 0;
  return value.replace(/[0-9a-f]/gi, () => digits[next++] ?? '0');
}

/** Marks digits of a UUID as one of version 4 and of the usual variant (RFC 9562, sections 4.1 and 4.2); others stay. */
const withVersion = (digits: string): string => digits.replace(/^([0-9a-f]{12}).(...).([0-9a-f]{15})$/, '$14$28$3');

const makers: Readonly<Record<Kind, (number: number, value: string) => string>> = {
  'serial number': (number) => `SERIAL${String(number).padStart(6, '0')}`,
  // Locally administered.
  'MAC address': (number, value) => {
    const digits = value.replace(/[^0-9a-f]/gi, '').length;
    return sameShape(value, 0x02 * 0x100 ** (digits / 2 - 1) + number);
  },
  UUID: (number, value) => withVersion(sameShape(value, number)),
  'host name': (number) => `host-${number}.example`,
  'IP address': (number, value) => (value.includes(':') ? `2001:db8::${hexadecimal(number, 1)}` : ipv4(number)),
  'user name': (number) => `user-${number}`,
  'asset tag': (number) => `asset-${number}`,
  identifier: (number, value) =>
    /^(0x|naa\.|eui\.)?[0-9a-f:-]{8,}$/i.test(value)
      ? value.replace(/[0-9a-f:-]{8,}$/i, (digits) => sameShape(digits, number))
      : `identifier-${number}`,
  address: (number) => `http://host-a${number}.example/file`,
  place: (number) => `place-${number}`,
};

/** What was replaced, each value once. */
export class StandIns {
  readonly #found = new Map<string, string>();
  readonly #counts = new Map<Kind, number>();

  /** The stand-in for a value: upper or lower case make no difference where it has digits only. */
  of(kind: Kind, value: string): string {
    const plain = ['MAC address', 'UUID'].includes(kind) ? value.replace(/[^0-9a-f]/gi, '').toLowerCase() : value;
    const key = `${kind} ${plain}`;
    let known = this.#found.get(key);
    if (known === undefined) {
      const number = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, number);
      known = makers[kind](number, plain);
      this.#found.set(key, known);
    }
    if (plain === value) return known;
    return this.#likeWritten(known, value);
  }

  /** How many values of each kind were replaced. */
  counts(): ReadonlyMap<Kind, number> {
    return this.#counts;
  }

  /** Digits in the separators and the case of the original. */
  #likeWritten(digits: string, value: string): string {
    let next = 0;
    const written = value.replace(/[0-9a-f]/gi, () => digits[next++] ?? '0');
    return /[A-F]/.test(value) ? written.toUpperCase() : written;
  }
}
