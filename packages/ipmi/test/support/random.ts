// Random numbers that come again with the same seed, for tests with millions of cases.

/** Small and repeatable: xorshift of 32 bits. Returns a function that draws whole numbers below its argument. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}
