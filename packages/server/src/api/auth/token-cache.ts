// Remembers what Keystone said of tokens, under a digest of them, so that memory holds no token and Keystone is asked once.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** What is known of a token: nothing good, or something until it ends. */
export type Verdict<Known> =
  | { readonly valid: false }
  | { readonly valid: true; readonly known: Known; readonly endsAt: number };

export interface TokenCache<Known> {
  /** The verdict on a token, from memory or by `ask`; requests with one token at one time ask once. */
  verdict(token: string, ask: () => Promise<Verdict<Known>>): Promise<Verdict<Known>>;
  clear(): void;
}

const MOST_VALID_TOKENS = 10_000;

/** Refused tokens have a cache of their own, so that a flood of made-up ones does not push out those in use. */
const MOST_INVALID_TOKENS = 1_000;

/** How long a refused token is not asked about again. */
const INVALID_SECONDS = 10;

/** Makes a cache in which entries live for `seconds` at most (0 or less: not at all), and never beyond `endsAt`. */
export function createTokenCache<Known>(seconds: number): TokenCache<Known> {
  const valid = new LRUCache<string, Verdict<Known> & { valid: true }>({ max: MOST_VALID_TOKENS });
  const invalid = new LRUCache<string, true>({ max: MOST_INVALID_TOKENS });
  const asking = new Map<string, Promise<Verdict<Known>>>();

  /** Counts `clear`: an answer to a question from before it may be older than what it was called for. */
  let generation = 0;

  function remember(digest: string, verdict: Verdict<Known>): void {
    if (!verdict.valid) {
      invalid.set(digest, true, { ttl: Math.min(seconds, INVALID_SECONDS) * 1000 });
      return;
    }
    const ttl = Math.min(seconds * 1000, verdict.endsAt - Date.now());
    if (ttl > 0) {
      valid.set(digest, verdict, { ttl });
    }
  }

  return {
    async verdict(token, ask) {
      const digest = createHash('sha256').update(token).digest('base64');
      const known = valid.get(digest);
      if (known !== undefined) {
        return known;
      }
      if (invalid.has(digest)) {
        return { valid: false };
      }
      const underWay = asking.get(digest);
      if (underWay !== undefined) {
        return underWay;
      }
      const asked = generation;
      const answer = ask().then((verdict) => {
        if (asked === generation && seconds > 0) {
          remember(digest, verdict);
        }
        return verdict;
      });
      asking.set(digest, answer);
      try {
        return await answer;
      } finally {
        if (asking.get(digest) === answer) {
          asking.delete(digest);
        }
      }
    },
    clear() {
      generation += 1;
      valid.clear();
      invalid.clear();
      asking.clear();
    },
  };
}
