// Everything that fails here is one of these: each says which request, where, what came back and what to do.
import { type Message, messagesText } from './messages.ts';

/** The request that an error is about. */
export interface RequestName {
  readonly method: string;
  /** Without credentials. */
  readonly url: string;
}

/** The base of all errors of this library. */
export class RedfishError extends Error {
  readonly method: string;
  /** Without credentials. */
  readonly url: string;

  constructor(request: RequestName, what: string, options?: ErrorOptions) {
    super(`${request.method} ${request.url}: ${what}`, options);
    this.method = request.method;
    this.url = request.url;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** How a connection failed. */
export type ConnectionFailure = 'refused' | 'unreachable' | 'reset' | 'tls';

const connectionAdvice: Readonly<Record<ConnectionFailure, string>> = {
  refused: 'check the port, and that the web service of the BMC is enabled',
  unreachable: 'check address, name and network of the BMC',
  reset: 'the BMC closed the connection; it may be restarting',
  tls: 'check which certificate the BMC has, and which ones are trusted',
};

/** No connection, or one that was lost. */
export class ConnectionError extends RedfishError {
  /** Host and port. */
  readonly address: string;
  readonly kind: ConnectionFailure;
  /** True when the request was sent, and nothing tells whether the BMC carried it out. */
  readonly mayHaveHappened: boolean;

  constructor(request: RequestName, kind: ConnectionFailure, mayHaveHappened: boolean, cause: Error) {
    const what = kind === 'tls' ? 'TLS failed' : `connection ${kind}`;
    super(request, `${what}: ${cause.message}; ${connectionAdvice[kind]}`, { cause });
    this.address = new URL(request.url).host;
    this.kind = kind;
    this.mayHaveHappened = mayHaveHappened;
  }
}

/** Something did not end in time. */
export class TimeoutError extends RedfishError {
  readonly what: string;
  readonly milliseconds: number;

  constructor(request: RequestName, what: string, milliseconds: number) {
    super(request, `${what} did not come in ${milliseconds} ms; the BMC may be overloaded or restarting`);
    this.what = what;
    this.milliseconds = milliseconds;
  }
}

/** The client was closed, and is asked for something all the same. */
export class ClosedError extends RedfishError {
  constructor(request: RequestName) {
    super(request, 'this client is closed; make a new one');
  }
}

/** What an answer that is an error says. */
export interface Refusal {
  readonly status: number;
  readonly messages: readonly Message[];
  readonly retryAfterSeconds?: number | undefined;
  /** The start of a body that is no message of Redfish. */
  readonly excerpt?: string | undefined;
}

const advice: Readonly<Record<number, string>> = {
  400: 'the BMC does not accept these values',
  401: 'check user name and password, and that the account is enabled and not locked',
  403: 'the account lacks the privilege for it, or a licence is missing',
  404: 'the BMC has no such resource',
  405: 'the BMC does not offer this operation',
  409: 'something else is in progress; try again when it has ended',
  412: 'somebody else changed the resource meanwhile; read it again',
  428: 'the BMC wants the ETag of the resource',
  429: 'the BMC is overloaded; ask less often',
  500: 'a fault inside the BMC; a reset of the BMC often helps',
  503: 'the BMC is busy or starting; try again later',
};

/** The service answered with an error. */
export class ResponseError extends RedfishError {
  readonly path: string;
  readonly status: number;
  readonly messages: readonly Message[];
  /** How long the service asks to wait. */
  readonly retryAfterSeconds: number | undefined;

  constructor(request: RequestName, { status, messages, retryAfterSeconds, excerpt }: Refusal) {
    const told = messagesText(messages) || excerpt;
    const todo = advice[status] ?? (status >= 500 ? 'a fault inside the BMC' : 'the BMC refuses it');
    super(request, told === undefined ? `${status}; ${todo}` : `${status}, ${told} (${todo})`);
    const { pathname, search } = new URL(request.url);
    this.path = pathname + search;
    this.status = status;
    this.messages = messages;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** User name or password are wrong (401), or the account may not do it (403). */
export class AuthenticationError extends ResponseError {}

/** The BMC has as many sessions as it can have, and none of them is known to be ours. */
export class SessionLimitError extends ResponseError {}

/** No such resource (404, 410). */
export class MissingError extends ResponseError {}

/** The resource is not as the ETag says (412), also after it was read again. */
export class PreconditionError extends ResponseError {}

/** The error class for a status. */
export function responseError(request: RequestName, refusal: Refusal): ResponseError {
  switch (refusal.status) {
    case 401:
    case 403:
      return new AuthenticationError(request, refusal);
    case 404:
    case 410:
      return new MissingError(request, refusal);
    case 412:
      return new PreconditionError(request, refusal);
    default:
      return new ResponseError(request, refusal);
  }
}

/** A task, or job, ended without success. */
export class TaskError extends RedfishError {
  /** TaskState or JobState, as the service gives it. */
  readonly state: string;
  readonly messages: readonly Message[];

  constructor(request: RequestName, state: string, messages: readonly Message[], todo: string) {
    super(request, `the task ended as ${state}: ${messagesText(messages) || 'the BMC says no more'}; ${todo}`);
    this.state = state;
    this.messages = messages;
  }
}

/** The service lacks something, or does not allow a value; found before anything was sent. */
export class UnsupportedError extends RedfishError {
  readonly what: string;
  /** What it offers instead, where that is known. */
  readonly allowed: readonly string[] | undefined;

  constructor(request: RequestName, what: string, allowed?: readonly string[]) {
    super(request, allowed === undefined ? what : `${what}; allowed: ${allowed.join(', ') || 'nothing'}`);
    this.what = what;
    this.allowed = allowed;
  }
}

/** An answer that cannot be understood. */
export class MalformedError extends RedfishError {
  readonly path: string;
  /** A property, header or part of the answer. */
  readonly property: string;
  readonly found: string;

  constructor(request: RequestName, property: string, found: string, todo = 'update the firmware of the BMC') {
    super(request, `${property} is ${found}; ${todo}`);
    const { pathname, search } = new URL(request.url);
    this.path = pathname + search;
    this.property = property;
    this.found = found;
  }
}
