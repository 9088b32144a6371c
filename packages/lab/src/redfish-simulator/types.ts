// Shapes that all of the simulator shares: bodies of resources, and where in the tree a request is.
import type { ServerResponse } from 'node:http';
import type { RedfishBmc } from './bmc.ts';

/** A JSON object, as it goes over the wire. */
export type Body = Record<string, unknown>;

/** The changing segments of a path, by the names that its route gives them. */
export type Parameters = Readonly<Record<string, string>>;

/** A resource of one BMC. */
export interface At {
  readonly bmc: RedfishBmc;
  /** The path as it was asked for, without slash at the end and without query. */
  readonly path: string;
  readonly parameters: Parameters;
}

/** A request that changes something, or makes something. */
export interface Call extends At {
  readonly body: Body;
  /** The bytes as they came, for uploads that are no JSON. */
  readonly raw: Buffer;
  readonly contentType: string;
  /** Who asks, and from which address. */
  readonly userName: string | undefined;
  readonly from: string | undefined;
}

/** What comes back: 204 without a body where there is nothing to say. */
export interface Answer {
  readonly status: number;
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of a resource without `@odata.id`; undefined: there is no such resource. */
export type Reader = (at: At) => Body | undefined;
export type Writer = (call: Call) => Answer | undefined | Promise<Answer | undefined>;

/** What can be done at one path; segments in braces stand for any text. */
export interface Route {
  readonly path: string;
  readonly get?: Reader;
  /** Answers a GET itself, and goes on with it: server-sent events. */
  readonly stream?: (at: At, response: ServerResponse) => void;
  /** Answers a GET with a status of its own: task monitors. */
  readonly reply?: (at: At) => Answer;
  readonly patch?: Writer;
  readonly post?: Writer;
  readonly delete?: Writer;
}
