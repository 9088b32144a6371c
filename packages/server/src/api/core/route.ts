// The shape of a route of the API: data about it beside the function that answers, independent of the web framework.
import type { ServerResponse } from 'node:http';
import type { PolicyRuleName, Resource } from '@wrought/contract';
import type { WebSocket } from 'ws';
import type { Requester } from '../../flows/doors.ts';
import type { Access } from '../policy/access.ts';
import type { Arguments } from './body-arguments.ts';

/** A request that passed authentication, version negotiation, routing and the checks that its route declares. */
export interface ApiRequest {
  /** Minor version of the API that the client speaks. */
  readonly minor: number;
  readonly params: Readonly<Record<string, string>>;
  /** Query arguments; each is one of those that the route names, and none is repeated. */
  readonly query: Readonly<Record<string, string>>;
  /** The parsed body; undefined when there is none. */
  readonly body: unknown;
  /** "http://HOST:PORT" to begin links with. */
  readonly base: string;
  readonly requester: Requester;
  /** What the caller may do; see the `policy` of the route. */
  readonly access: Access;
  /** The caller's token of Keystone, to read in their name what they name; null where they have none. */
  readonly userToken: string | null;
  /** The header Last-Event-ID, with which a client goes on with a stream of events. */
  readonly lastEventId?: string | undefined;
  /**
   * For routes that answer with a WebSocket: the subprotocols that the client offers.
   * @throws FrameworkError when the client has not asked for one as it should
   */
  readonly requireWebSocket: () => readonly string[];
  /** The path ended in ".json", which was taken off (see `findWithSuffix`). */
  readonly jsonSuffix: boolean;
}

/** What goes back. `body` is JSON text unless `contentType` says otherwise; without it the answer has no Content-Type either. */
export interface Answer {
  readonly status: number;
  readonly body?: string | Uint8Array | readonly Uint8Array[];
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the body while the client listens, and ends it; the head has been sent by then. Instead of `body`. */
  readonly stream?: (response: ServerResponse) => void;
  /** Takes the connection after `requireWebSocket`: `accept` opens it; undefined when the client has gone. Instead of `body`. */
  readonly webSocket?: (accept: () => Promise<WebSocket | undefined>) => void;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** How a client below `since` is told; the two forms of error body are those of `error-body.ts`. */
type TooOld = 'fault 404' | 'framework 404' | 'fault 405' | 'framework 405' | 'fault 406';

/** Which rules of the policy a route asks, and who asks them. */
export type RoutePolicy =
  /** Nobody: the answer tells nothing, or is for everybody. */
  | 'anyone'
  /** Before the handler runs. */
  | { readonly rule: PolicyRuleName }
  /** Whoever loads the object that the path names, once it is known whose it is. */
  | { readonly onObject: PolicyRuleName }
  /** The list, which is narrowed to the caller's project when not all may be seen (`Access.listedProject`). */
  | { readonly listAll: PolicyRuleName; readonly listOwn: PolicyRuleName }
  /** The handler itself, by what the request is about. */
  | { readonly byHandler: readonly PolicyRuleName[] };

/** A body: a new object, a JSON patch of one, or members of its own. */
type Takes =
  | { readonly create: Resource }
  | { readonly patch: Resource }
  | { readonly members: Arguments }
  /** A JSON schema, where the body is none of these. */
  | { readonly schema: (minor: number) => Readonly<Record<string, unknown>> };

/** An answer: one object, a list of them, or a WebSocket. */
type Gives =
  | { readonly one: Resource }
  | { readonly list: Resource }
  /** What goes over it. */
  | { readonly webSocket: string };

export interface Route {
  readonly method: Method;
  /** Path with `:name` parameters. */
  readonly path: string;
  /** Minor version that brought the route; 1 when absent. */
  readonly since?: number;
  readonly tooOld?: TooOld;
  readonly policy: RoutePolicy;
  /** Names of the query arguments that the route takes; null: any. */
  readonly query?: readonly string[] | null;
  /** What the body is, for the description of the API. */
  readonly takes?: Takes;
  /** What a successful answer shows, for the description of the API. */
  readonly gives?: Gives;
  /** Which limit of [api] the body has: the default, or that of provisioning or of inspection data. */
  readonly bodyLimit?: 'provision' | 'inspection';
  /** The body is read although the method is GET. */
  readonly readsGetBody?: boolean;
  readonly handle: (request: ApiRequest) => Answer | Promise<Answer>;
}

/** 200 with JSON text. */
export function ok(body: string | readonly Uint8Array[]): Answer {
  return { status: 200, body };
}

/** 200 with a value made into JSON text. */
export function okJson(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

/** 201 with the new object and where it is. */
export function created(body: string, location: string): Answer {
  return { status: 201, body, headers: { Location: location } };
}

/** 202 without a body; `location` is where progress can be seen. */
export function accepted(location?: string): Answer {
  return location === undefined ? { status: 202 } : { status: 202, headers: { Location: location } };
}

export const noContent: Answer = { status: 204 };
