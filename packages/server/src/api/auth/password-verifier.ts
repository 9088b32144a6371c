// Verifies passwords against bcrypt hashes: slow once, fast for every later request with the same password.
import { createHmac, randomBytes } from 'node:crypto';
import { compare } from 'bcryptjs';

export type Verdict = 'right' | 'wrong' | 'busy';

export interface PasswordVerifier {
  /** `hash` is undefined for an unknown user, who is refused after the same work as a known one. */
  verify(user: string, password: string, hash: string | undefined): Promise<Verdict>;
}

/** Verdicts that are remembered; each is one user with one password, right or wrong. */
const maximumRememberedVerdicts = 1000;

/** Verifications that may wait; each takes tens of milliseconds of CPU, so more is a flood and not a client. */
const maximumWaitingVerifications = 32;

/** A hash that no password has, so that an unknown user takes as long as one of htpasswd's default cost. */
const nobodysHash = '$2b$10$abcdefghijklmnopqrstuuK0UGzRcXyrKzFTNrJEpYOZyqMFlRhVq';

/**
 * Verdicts are kept under a hash keyed with a secret of this process, so memory holds neither passwords nor anything
 * that could be tried offline without the key. The stored hash is part of it: a changed password is forgotten at once.
 */
export function createPasswordVerifier(): PasswordVerifier {
  const secret = randomBytes(32);
  const remembered = new Map<string, Verdict>();
  const running = new Map<string, Promise<Verdict>>();
  let queue: Promise<unknown> = Promise.resolve();

  /** bcrypt runs on the main thread, so verifications go one after another and requests get their turn between them. */
  function enqueue(password: string, hash: string): Promise<boolean> {
    const result = queue.then(() => compare(password, hash));
    queue = result.catch(() => undefined);
    return result;
  }

  function remember(name: string, verdict: Verdict): void {
    remembered.delete(name);
    remembered.set(name, verdict);
    const oldest = remembered.keys().next();
    if (remembered.size > maximumRememberedVerdicts && !oldest.done) {
      remembered.delete(oldest.value);
    }
  }

  async function compareAndRemember(name: string, password: string, hash: string | undefined): Promise<Verdict> {
    try {
      const isRight = await enqueue(password, hash ?? nobodysHash);
      const verdict = isRight && hash !== undefined ? 'right' : 'wrong';
      remember(name, verdict);
      return verdict;
    } finally {
      running.delete(name);
    }
  }

  return {
    async verify(user, password, hash) {
      const facts = JSON.stringify([user, password, hash ?? null]);
      const name = createHmac('sha256', secret).update(facts).digest('base64');
      const known = remembered.get(name);
      if (known !== undefined) {
        remember(name, known);
        return known;
      }
      const underWay = running.get(name);
      if (underWay !== undefined) {
        return underWay;
      }
      if (running.size >= maximumWaitingVerifications) {
        return 'busy';
      }
      const verification = compareAndRemember(name, password, hash);
      running.set(name, verification);
      return verification;
    },
  };
}
