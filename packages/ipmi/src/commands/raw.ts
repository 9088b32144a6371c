// Any command, given and answered in bytes.
import type { Connection, Request, RequestOptions } from '../connection.ts';
import { CompletionCodeError } from '../errors.ts';

export interface RawAnswer {
  readonly completionCode: number;
  /** The bytes after the completion code; empty unless that is 0. */
  readonly data: Buffer;
}

/**
 * Sends a request as it is. A completion code other than 0 is part of the answer here and no error.
 * Unless `repeatable` is given, a request that a lost session may or may not have carried out is not sent again.
 */
export async function raw(connection: Connection, request: Request, options: RequestOptions = {}): Promise<RawAnswer> {
  try {
    const data = await connection.request(request, { repeatable: false, ...options });
    return { completionCode: 0, data };
  } catch (error) {
    if (!(error instanceof CompletionCodeError)) throw error;
    return { completionCode: error.code, data: Buffer.alloc(0) };
  }
}
