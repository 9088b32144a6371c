// Status of a resource: state, health, and the worst of what is below it (Resource schema, Status).
import type { Fields } from '../fields.ts';

export const healths = ['OK', 'Warning', 'Critical'] as const;
export type Health = (typeof healths)[number];

export interface Status {
  /** `Enabled`, `Absent`, `StandbyOffline` and so on. */
  readonly state: string | undefined;
  readonly health: Health | undefined;
  /** Of the resource and all that is below it. */
  readonly healthRollup: Health | undefined;
}

/** Reads the Status of a resource or of a part of one. */
export function readStatus(fields: Fields): Status {
  const status = fields.object('Status');
  return {
    state: status?.text('State'),
    health: status?.enumeration('Health', healths),
    healthRollup: status?.enumeration('HealthRollup', healths),
  };
}

/** The worst of several healths; undefined when none is known. */
export function worstHealth(found: readonly (Health | undefined)[]): Health | undefined {
  return healths.findLast((health) => found.includes(health));
}
