// Vendor: what one make of hardware can do beyond all others; its methods get what the client sent, unread and unstored.
import type { JsonObject } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import type { InterfaceBase } from './base.ts';
import type { Task, TaskLog } from './task.ts';

export const vendorHttpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type VendorHttpMethod = (typeof vendorHttpMethods)[number];

/** What the client sent. Only the method reads the body; it is neither checked, stored nor logged on its way. */
export interface VendorCall {
  readonly httpMethod: VendorHttpMethod;
  /** The JSON object of the request, empty when there was none. */
  readonly body: JsonObject;
}

/** Work of a hardware type as such, which belongs to no node and takes no lock. */
export interface VendorDriverWork {
  readonly config: Config;
  readonly log: TaskLog;
  /** Aborted when the work should end early. */
  readonly abortSignal: AbortSignal;
}

/**
 * One method. `Work` is what it works with: the task of a node, or the work of a hardware type. Errors that it throws are shown
 * to clients, and those of asynchronous ones are kept as the last error of the node: they quote nothing of the body.
 */
interface VendorMethod<Work> {
  readonly name: string;
  readonly httpMethods: readonly VendorHttpMethod[];
  /** A sentence for the list of methods. */
  readonly description: string;
  /** True: the client is answered 202 at once, and the method runs in the background. False: it is answered the result. */
  readonly isAsync: boolean;
  /** The result (a string or bytes) is the answer itself and not JSON. */
  readonly attach: boolean;
  /** Checked before the call is accepted; throws an error of the registry that names what is wrong. */
  validate?(work: Work, call: VendorCall): Promise<void>;
  run(work: Work, call: VendorCall): Promise<unknown>;
}

export type VendorDriverMethod = VendorMethod<VendorDriverWork>;

export interface VendorNodeMethod extends VendorMethod<Task> {
  /** The node is reserved while the method runs; without it the method runs beside whatever holds the node. */
  readonly requireExclusiveLock: boolean;
}

export interface VendorInterface extends InterfaceBase {
  readonly kind: 'vendor';
  readonly supported: true;
  readonly nodeMethods: readonly VendorNodeMethod[];
  readonly driverMethods: readonly VendorDriverMethod[];
}

const defaults = { isAsync: true, attach: false } as const;

type Given<Method extends VendorMethod<never>> = Pick<Method, 'name' | 'httpMethods' | 'description' | 'run'> &
  Partial<Method>;

/** Completes a method of nodes with the defaults: asynchronous, with the node reserved, its result in JSON. */
export function nodeMethod(given: Given<VendorNodeMethod>): VendorNodeMethod {
  return { ...defaults, requireExclusiveLock: true, ...given };
}

/** Completes a method of a hardware type with the defaults: asynchronous, its result in JSON. */
export function driverMethod(given: Given<VendorDriverMethod>): VendorDriverMethod {
  return { ...defaults, ...given };
}
