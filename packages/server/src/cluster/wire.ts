// What goes between processes: JSON-RPC 2.0 requests and answers, with errors of the registry as errors of the registry.
import { type ErrorName, errors, isRegisteredError, RegisteredError } from '@wrought/contract';

/** A call of one conductor. `conductor` guards against another one that was given the same address. */
export interface CallRequest {
  readonly jsonrpc: '2.0';
  readonly id: string;
  readonly method: string;
  readonly params: { readonly conductor: string; readonly arguments: readonly unknown[] };
}

export interface CallError {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly name: string; readonly retryAfterSeconds?: number };
}

export type CallAnswer =
  | { readonly jsonrpc: '2.0'; readonly id: string | null; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: string | null; readonly error: CallError };

/** The method that is answered with a line instead of a result; see `console-wire.ts`. */
export const JOIN_CONSOLE = 'call.joinConsole';

/** Codes of JSON-RPC 2.0, section 5.1; the last one is of the range that it leaves to servers. */
export const callErrorCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  internal: -32_603,
  refused: -32_000,
} as const;

/** A mistake of the caller, or in the call itself. */
export class CallRefused extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** An error as it goes over the wire. */
export function wireError(error: unknown): CallError {
  if (isRegisteredError(error)) {
    const { code: name, message, retryAfterSeconds } = error;
    return {
      code: callErrorCodes.refused,
      message,
      data: { name, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof CallRefused ? error.code : callErrorCodes.internal, message };
}

/** The error that a conductor answered, as if it had been thrown here. */
export function thrownError(conductor: string, method: string, { message, data }: CallError): Error {
  return data !== undefined && Object.hasOwn(errors, data.name)
    ? new RegisteredError(data.name as ErrorName, message, data.retryAfterSeconds)
    : new Error(`Conductor ${conductor} failed at ${method}: ${message}`);
}
