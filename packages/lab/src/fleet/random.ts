// Random numbers that are the same for the same seed: what a fleet does can be repeated.

/** Numbers from 0 up to 1 that follow from seed and name alone (mulberry32). */
export function seededRandom(seed: number, name: string): () => number {
  let state = seed >>> 0;
  for (const character of name) {
    state = (Math.imul(state ^ character.charCodeAt(0), 0x01000193) + 0x9e3779b9) >>> 0;
  }
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Seconds between two bounds. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** A length within a span. */
export function within({ least, most }: Span, random: () => number): number {
  return least + random() * (most - least);
}

/** Reads "2" or "2-5" as seconds. @throws Error that names what is allowed */
export function parseSpan(text: string): Span {
  const parts = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text);
  const least = Number(parts?.[1]);
  const most = Number(parts?.[2] ?? parts?.[1]);
  if (parts === null || most < least) {
    throw new Error(`"${text}" is no span of seconds; write 2 or 2-5, the smaller number first`);
  }
  return { least, most };
}
