// Passwords hashed as crypt(3) does with SHA-256 and SHA-512 ("$5$", "$6$"): what /etc/shadow of a rescue ramdisk takes.
import { createHash, randomInt } from 'node:crypto';

export type ShaCryptAlgorithm = 'sha256' | 'sha512';

const ROUNDS = 5_000;
const SALT_CHARACTERS = 16;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

interface Variant {
  readonly prefix: string;
  readonly bytes: number;
  /** The bytes of the digest in the order in which they are written, by threes, the highest first; the rest at the end. */
  readonly order: readonly (readonly number[])[];
  /** Characters of the last group. */
  readonly lastCharacters: number;
}

/** Groups of three that begin at `first` and rotate by one place each time. */
function groups(count: number, first: readonly [number, number, number], modulus: number, step: number): number[][] {
  const rows: number[][] = [];
  let row: number[] = [...first];
  for (let index = 0; index < count; index += 1) {
    rows.push(row);
    row = row.map((place) => (place + step) % modulus);
  }
  return rows;
}

const variants: Readonly<Record<ShaCryptAlgorithm, Variant>> = {
  sha256: { prefix: '$5$', bytes: 32, order: [...groups(10, [0, 10, 20], 30, 21), [31, 30]], lastCharacters: 3 },
  sha512: { prefix: '$6$', bytes: 64, order: [...groups(21, [0, 21, 42], 63, 22), [63]], lastCharacters: 2 },
};

/** `block` again and again, up to `length` bytes. */
function repeated(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, block);
}

function encode(digest: Buffer, { order, lastCharacters }: Variant): string {
  return order
    .map((places, index) => {
      let value = places.reduce((sum, place) => sum * 256 + (digest[place] ?? 0), 0);
      const characters = index === order.length - 1 ? lastCharacters : 4;
      let text = '';
      for (let count = 0; count < characters; count += 1) {
        text += ALPHABET[value % 64];
        value = Math.floor(value / 64);
      }
      return text;
    })
    .join('');
}

function digestOf(password: Buffer, salt: Buffer, algorithm: ShaCryptAlgorithm): Buffer {
  const { bytes } = variants[algorithm];
  const hash = (...parts: Buffer[]) => createHash(algorithm).update(Buffer.concat(parts)).digest();
  const b = hash(password, salt, password);
  const parts = [password, salt, repeated(b, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) {
    parts.push((bits & 1) === 1 ? b : password);
  }
  let digest = hash(...parts);
  const p = repeated(hash(repeated(password, password.length ** 2)), password.length);
  const s = repeated(hash(repeated(salt, salt.length * (16 + (digest[0] ?? 0)))), salt.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    const isOdd = round % 2 === 1;
    digest = hash(
      isOdd ? p : digest,
      ...(round % 3 === 0 ? [] : [s]),
      ...(round % 7 === 0 ? [] : [p]),
      isOdd ? digest : p,
    );
  }
  return digest.subarray(0, bytes);
}

/** Hashes a password; the salt is random unless one of at most 16 characters is given. */
export function shaCrypt(password: string, algorithm: ShaCryptAlgorithm, salt = randomSalt()): string {
  const variant = variants[algorithm];
  const digest = digestOf(Buffer.from(password), Buffer.from(salt), algorithm);
  return `${variant.prefix}${salt}$${encode(digest, variant)}`;
}

function randomSalt(): string {
  return Array.from({ length: SALT_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
