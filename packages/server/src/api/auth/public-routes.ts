// Names the routes that anyone may call: discovery and the description of the API, and what an agent calls before it can prove anything.
import { OPENAPI_PATH } from '../core/path.ts';

const discovery = /^\/(v1\/?)?$/;
const ramdisk = /^\/v1\/(lookup|heartbeat\/[a-zA-Z0-9-]+|continue_inspection)\/?$/;

/** Whether a path (without its query) needs no authentication. Agents prove themselves with their token instead. */
export function isPublicRoute(path: string): boolean {
  return path === OPENAPI_PATH || discovery.test(path) || isRamdiskRoute(path);
}

/** Whether a path (without its query) is one of those that the agent in the ramdisk calls. */
export function isRamdiskRoute(path: string): boolean {
  return ramdisk.test(path);
}
