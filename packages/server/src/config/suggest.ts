// Finds the known name nearest to a misspelt one.

/** The candidate that differs from `name` in the fewest letters, or undefined when none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const letters = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (letters < fewest) {
      nearest = candidate;
      fewest = letters;
    }
  }
  return nearest;
}

/** Letters to add, remove, replace or swap with their neighbour to turn `from` into `to`. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      let letters = Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        letters = Math.min(letters, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(letters);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
