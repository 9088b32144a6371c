// What the next boot of a node was prepared for and by which conductor, as it is kept with the node.
import type { JsonObject, Node } from '@wrought/contract';
import type { RamdiskPurpose } from '../kit/index.ts';

/** Member of driver_internal_info. */
const KEY = 'network_boot';

export interface PreparedBoot {
  /** "disk": scripts that leave the machine to its disk. */
  readonly purpose: RamdiskPurpose | 'disk';
  /** Whose machine has the files. */
  readonly conductor: string;
}

/** What was prepared; null when there is nothing to boot. */
export function preparedBoot({ driver_internal_info }: Node): PreparedBoot | null {
  const value = driver_internal_info[KEY];
  return typeof value === 'object' && value !== null ? (value as unknown as PreparedBoot) : null;
}

/** The fact that keeps it. */
export function preparedBootFact(prepared: PreparedBoot | null): JsonObject {
  return { [KEY]: prepared === null ? null : { ...prepared } };
}
