// Counts the statements that a store is given, to see that they do not grow with the rows.
import type { KyselyPlugin } from 'kysely';
import type { Store } from '../../src/store/store.ts';

export interface StatementCounter {
  /** The store that counts. Who took parts of the other one before is not counted. */
  watch(store: Store): Store;
  /** The number of statements while `work` runs. */
  during(work: () => Promise<unknown>): Promise<number>;
}

/** Makes a counter. */
export function countStatements(): StatementCounter {
  let count = 0;
  const counter: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      count += 1;
      return result;
    },
  };
  return {
    watch: (store) => ({
      read: store.read.withPlugin(counter),
      hints: store.hints,
      transaction: (work) => store.transaction((trx) => work(trx.withPlugin(counter))),
      close: () => store.close(),
    }),
    async during(work) {
      const before = count;
      await work();
      return count - before;
    },
  };
}
