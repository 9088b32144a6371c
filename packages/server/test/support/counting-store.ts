// Counts the statements that a store is given, to see that they do not grow with the rows.
import type { KyselyPlugin } from 'kysely';
import type { Store } from '../../src/store/store.ts';

/** Makes a store count from now on; answers the number of statements while `work` runs. */
export function countStatements(store: Store): (work: () => Promise<unknown>) => Promise<number> {
  let count = 0;
  const counter: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      count += 1;
      return result;
    },
  };
  const { read, transaction } = store;
  const counted: Pick<Store, 'read' | 'transaction'> = {
    read: read.withPlugin(counter),
    transaction: (work) => transaction((trx) => work(trx.withPlugin(counter))),
  };
  Object.assign(store, counted);
  return async (work) => {
    const before = count;
    await work();
    return count - before;
  };
}
