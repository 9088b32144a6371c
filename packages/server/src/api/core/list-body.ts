// Writes the bodies of lists: items go into pieces of bytes, so that a long list is never held as one large text.

/** Small enough that the allocator gives the same memory again instead of asking the system for new. */
const PIECE_BYTES = 64 * 1024;
/** UTF-8 needs at most so many bytes for a unit of a JavaScript string. */
const MOST_BYTES_OF_A_UNIT = 3;

/** JSON text of a list, in pieces: items, each JSON text, under the collection's key, and `next` when there may be more. */
export function listJson(key: string, items: Iterable<string>, next: string | undefined): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let used = 0;
  function append(text: string): void {
    if (used + text.length * MOST_BYTES_OF_A_UNIT > piece.length) {
      pieces.push(piece.subarray(0, used));
      piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, text.length * MOST_BYTES_OF_A_UNIT));
      used = 0;
    }
    used += piece.write(text, used);
  }
  append(`{"${key}":[`);
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) append(',');
    append(item);
    isFirst = false;
  }
  append(next === undefined ? ']}' : `],"next":${JSON.stringify(next)}}`);
  pieces.push(piece.subarray(0, used));
  return pieces;
}
