// The two forms of error bodies that clients know: the fault object of the API, and the object of a web framework.
import { STATUS_CODES } from 'node:http';

/** An error that belongs to routing and negotiation: its body is the framework object, and it has no version headers. */
export class FrameworkError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Version limits are told with a version that is out of range. */
  readonly withVersionLimits: boolean;

  constructor(
    status: number,
    description: string,
    options: { headers?: Readonly<Record<string, string>>; withVersionLimits?: boolean } = {},
  ) {
    super(description);
    this.status = status;
    this.headers = options.headers ?? {};
    this.withVersionLimits = options.withVersionLimits ?? false;
  }
}

// `error_message` is JSON text inside JSON: clients parse it a second time.

/** Body of an error of the API: faultcode, faultstring, debuginfo. */
export function faultBody(status: number, message: string): string {
  const fault = { faultcode: status < 500 ? 'Client' : 'Server', faultstring: message, debuginfo: null };
  return JSON.stringify({ error_message: JSON.stringify(fault) });
}

/** Body of an error of routing or negotiation: code, title, description. */
export function frameworkBody(status: number, description: string): string {
  const page = { code: status, title: STATUS_CODES[status] ?? '', description };
  return JSON.stringify({ error_message: JSON.stringify(page) });
}

/** Body of the limits on size and depth, which stand before everything else and are not wrapped. */
export function plainFaultBody(message: string): string {
  return JSON.stringify({ faultcode: 'Client', faultstring: message, debuginfo: null });
}
