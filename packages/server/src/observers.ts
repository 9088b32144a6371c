// Lets two look at the same work: who keeps metrics, and who keeps traces.
import type { BmcCallObserver } from './drivers/kit/index.ts';
import type { StoreObserver } from './store/observer.ts';

/** Tells both of the store; undefined when there is neither, so that nothing is measured for nobody. */
export function bothOfStore(
  one: StoreObserver | undefined,
  other: StoreObserver | undefined,
): StoreObserver | undefined {
  return one === undefined || other === undefined
    ? (one ?? other)
    : {
        statement(...told) {
          one.statement(...told);
          other.statement(...told);
        },
        transaction(...told) {
          one.transaction(...told);
          other.transaction(...told);
        },
      };
}

/** Tells both of calls to BMCs. */
export function bothOfBmcCalls(
  one: BmcCallObserver | undefined,
  other: BmcCallObserver | undefined,
): BmcCallObserver | undefined {
  return one === undefined || other === undefined
    ? (one ?? other)
    : (call) => {
        one(call);
        other(call);
      };
}
