// Names the routes that anyone may call: discovery, and what an agent calls before it can prove anything.

const discovery = /^\/(v1\/?)?$/;
const ramdisk = /^\/v1\/(lookup|heartbeat\/[a-zA-Z0-9-]+|continue_inspection)\/?$/;

/** Whether a path (without its query) needs no authentication. Agents prove themselves with their token instead. */
export function isPublicRoute(path: string): boolean {
  return discovery.test(path) || isRamdiskRoute(path);
}

/** Whether a path (without its query) is one of those that the agent in the ramdisk calls. */
export function isRamdiskRoute(path: string): boolean {
  return ramdisk.test(path);
}
