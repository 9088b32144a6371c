// How old the oldest power state is among the nodes that the power sync looks at.

export interface PowerLag {
  began(nodeIds: readonly number[]): void;
  read(nodeId: number): void;
  /** Seconds; 0 when there is no node to look at. */
  seconds(): number;
}

/** `now` tells milliseconds that never go back. */
export function createPowerLag(now: () => number = () => performance.now()): PowerLag {
  /** When each node of the last round was read, or first looked at. */
  let readAt = new Map<number, number>();
  return {
    began(nodeIds) {
      const begin = now();
      readAt = new Map(nodeIds.map((id) => [id, readAt.get(id) ?? begin]));
    },
    read(nodeId) {
      if (readAt.has(nodeId)) {
        readAt.set(nodeId, now());
      }
    },
    seconds() {
      const present = now();
      let longest = 0;
      for (const time of readAt.values()) {
        longest = Math.max(longest, present - time);
      }
      return longest / 1000;
    },
  };
}
