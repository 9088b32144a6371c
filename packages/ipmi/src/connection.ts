// The one interface between sessions and commands: a request goes out, the bytes of the answer come back.

/** One IPMI request; `data` are the bytes after the command byte. */
export interface Request {
  /** Network function of the request (even), 0x00 to 0x3e. */
  readonly netFn: number;
  readonly command: number;
  readonly data?: Uint8Array;
  /** Logical unit of the responder, 0 to 3; 0 when absent. */
  readonly lun?: number;
}

export interface RequestOptions {
  /** Ends the wait; the request rejects with the signal's reason. What was sent cannot be taken back. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds until the request fails with a TimeoutError, retransmissions and a login included. The time in which it
   * waits for its turn does not count: behind other requests of the session, or of thousands of other sessions.
   */
  readonly timeout?: number;
  /**
   * Whether the request may be carried out twice. A session that the BMC lost (a reset, an expiry) is logged in again in
   * any case, but only a repeatable request is then sent again; others fail with a SessionLostError that says whether
   * the BMC may have carried them out. Without it, requests that only read (Get ..., Read ...) count as repeatable.
   */
  readonly repeatable?: boolean;
}

/** What every command needs. */
export interface Connection {
  /** The bytes after completion code 0x00; any other code is a CompletionCodeError. */
  request(request: Request, options?: RequestOptions): Promise<Buffer>;
}
