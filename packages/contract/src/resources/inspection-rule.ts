// The fields of an inspection rule: what is done to a node when its inventory meets conditions.
import { field, resource } from '../field.ts';
import { readActions, readConditions } from '../inspection-rules.ts';
import { flag, integer, links, list, nullable, oneOf, text, time, uuid, type ValueType } from './value.ts';

const both = ['create', 'patch'] as const;
const since = 96;

const MAXIMUM_PRIORITY = 9999;
/** When rules run: after all hooks. */
const phases = ['main'] as const;

const priority: ValueType = {
  ...integer,
  allowed: `an integer from 0 to ${MAXIMUM_PRIORITY}`,
  read: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAXIMUM_PRIORITY
      ? { ok: true, value }
      : { ok: false },
};

const conditions = list(readConditions, 'a list of conditions with op and args');
const actions = list(readActions, 'a list of at least one action with op and args');

export const inspectionRuleResource = resource({
  name: 'inspection rule',
  collection: 'inspection_rules',
  since,
  fields: {
    uuid: field(uuid, { since, shown: 'list', write: ['create'] }),
    priority: field(nullable(priority), { since, shown: 'list', write: both }),
    phase: field(nullable(oneOf(phases)), { since, shown: 'list', write: both }),
    description: field(nullable(text(255)), { since, shown: 'list', write: both }),
    links: field(links, { since, shown: 'list' }),
    sensitive: field(nullable(flag), { since, write: both }),
    actions: field(actions, { since, write: both, required: true }),
    conditions: field(nullable(conditions), { since, write: both }),
    created_at: field(time, { since }),
    updated_at: field(time, { since }),
  },
  filters: { phase: { since } },
});

/** What the fields are that a rule leaves empty. */
export const inspectionRuleDefaults = { priority: 0, phase: 'main', sensitive: false, conditions: [] } as const;
