// What the store tells of its statements and transactions, for whoever measures them.

export interface StoreObserver {
  statement(side: 'read' | 'write', seconds: number, isFailure: boolean): void;
  /** A writing transaction, with the wait for its turn. */
  transaction(seconds: number, isFailure: boolean): void;
}
