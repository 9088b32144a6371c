// What the load generator is asked to do and what it answers: the messages between the benchmark and its client process.

/** One request, repeated in turn with the others of its order; $COUNT in the body becomes a running number. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
}

/** How the connections are used: kept for the next request, or closed after each. */
export type ConnectionMode = 'keep-alive' | 'close';

export interface LoadOrder {
  readonly host: string;
  readonly port: number;
  readonly mode: ConnectionMode;
  readonly connections: number;
  /** No request is begun after this time. */
  readonly durationMilliseconds: number;
  readonly maxRequests: number;
  readonly requests: readonly LoadRequest[];
}

export interface LoadResult {
  /** Requests that were answered, with any status. */
  readonly count: number;
  /** From the first request to the last answer. */
  readonly wallMilliseconds: number;
  /** Latency of the requests, connecting included, in milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly bodyBytes: number;
  /** How often each status of 400 and above, or each error, came. */
  readonly failures: Readonly<Record<string, number>>;
  /** Running numbers of the requests that failed. */
  readonly failed: readonly number[];
  /** The share of one core that the generator used: near 1, it and not the server was the limit. */
  readonly clientShare: number;
}

export type LoadAnswer = { readonly result: LoadResult } | { readonly error: string };
