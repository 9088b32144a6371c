// What Dell adds to its systems and managers that tells which generation they are (DellSystem schema).
import type { Resource } from '../resource.ts';

/** Generation of a PowerEdge, such as `16G Monolithic`. Undefined for other manufacturers. */
export const readDellGeneration = (system: Resource): string | undefined =>
  system.oem('Dell')?.object('DellSystem')?.text('SystemGeneration');

/** Paths of what the Dell services of a manager are under, by name, such as `DellJobService`. */
export function dellLinks(manager: Resource): ReadonlyMap<string, string> {
  const oem = manager.object('Links')?.object('Oem')?.object('Dell');
  const found = new Map<string, string>();
  for (const name of Object.keys(oem?.json ?? {})) {
    const link = name.startsWith('@') ? undefined : oem?.link(name);
    if (link !== undefined) found.set(name, link);
  }
  return found;
}
