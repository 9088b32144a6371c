// Raw commands as operators write them: numbers with spaces between them, network function and command first.

function isByte(text: string): boolean {
  return /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(text) && Number(text) <= 0xff;
}

/** The bytes; where one is none, its place, from 0. */
export function readBytes(text: string): { readonly bytes: readonly number[] } | { readonly wrong: number } {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const wrong = words.findIndex((word) => !isByte(word));
  return wrong >= 0 ? { wrong } : { bytes: words.map(Number) };
}
