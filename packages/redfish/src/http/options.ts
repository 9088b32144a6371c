// What a caller can choose about the connections to one BMC.

/**
 * Which certificate of a BMC is trusted: one that the authorities of Node.js vouch for; that of other authorities, as PEM
 * text, as a file or a folder of files; that with one SHA-256 fingerprint (hexadecimal, colons allowed), whoever
 * signed it; or any, which protects from nobody who can reach the network.
 */
export type Trust =
  | 'authorities'
  | 'any-certificate'
  | { readonly caPem: string }
  | { readonly caPath: string }
  | { readonly fingerprint: string };

export type TlsVersion = 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface TlsOptions {
  /** Default 'authorities'. */
  readonly trust?: Trust;
  /** Default TLSv1.2. */
  readonly minimumVersion?: TlsVersion;
  /** In OpenSSL's form; default that of Node.js. */
  readonly ciphers?: string;
}

/** One request as it went, for logs and metrics; there are no secrets in it. */
export interface ExchangeReport {
  readonly method: string;
  readonly path: string;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly milliseconds: number;
  /** 1 for the first. */
  readonly attempt: number;
  readonly error?: Error;
}

export interface ConnectionOptions {
  readonly tls?: TlsOptions;
  /** Connections at the same time, without those of streams; further requests wait. Default 4: BMCs have little memory. */
  readonly maximumConnections?: number;
  /**
   * How long an idle connection is kept at most. Default 5 000. With TLS an open one takes about 140 KB of memory, and
   * opening another one about 1.5 ms of processor time.
   */
  readonly keepAliveMilliseconds?: number;
  /** Default 10 000. */
  readonly connectTimeoutMilliseconds?: number;
  /** For one operation with all its retries, unless it names its own. Default 60 000. */
  readonly timeoutMilliseconds?: number;
  /** How often a request that may be repeated is sent at most. Default 3. */
  readonly maximumAttempts?: number;
  /** Before the second attempt, twice as long before each further one. Default 500. */
  readonly retryDelayMilliseconds?: number;
  /** The longest `Retry-After` that is waited for inside an operation. Default 10 000. */
  readonly maximumRetryAfterMilliseconds?: number;
  /** Larger answers are refused. Default 32 MiB. */
  readonly maximumBodyBytes?: number;
  readonly onExchange?: (report: ExchangeReport) => void;
}

export const connectionDefaults = {
  maximumConnections: 4,
  keepAliveMilliseconds: 5_000,
  connectTimeoutMilliseconds: 10_000,
  timeoutMilliseconds: 60_000,
  maximumAttempts: 3,
  retryDelayMilliseconds: 500,
  maximumRetryAfterMilliseconds: 10_000,
  maximumBodyBytes: 32 * 1024 * 1024,
} as const;
