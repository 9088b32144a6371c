// Names the routes that anyone may call: discovery, the description of the API, screens, and what an agent calls before it can prove anything.
import { OPENAPI_PATH } from '../core/path.ts';
import { SCREENS_PATH } from '../screens/path.ts';

const discovery = /^\/(v1\/?)?$/;
const ramdisk = /^\/v1\/(lookup|heartbeat\/[a-zA-Z0-9-]+|continue_inspection)\/?$/;

/** Whether a path (without its query) needs no authentication. Agents, and who looks at a screen, prove themselves with their token instead. */
export function isPublicRoute(path: string): boolean {
  return path.startsWith(`${SCREENS_PATH}/`) || path === OPENAPI_PATH || discovery.test(path) || isRamdiskRoute(path);
}

/** Whether a path (without its query) is one of those that the agent in the ramdisk calls. */
export function isRamdiskRoute(path: string): boolean {
  return ramdisk.test(path);
}
