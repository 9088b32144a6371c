// The fields of a runbook: steps that an administrator allows on nodes with certain traits.
import { field, resource } from '../field.ts';
import { readRunbookSteps } from './requested-steps.ts';
import { flag, links, list, logicalName, nullable, object, serverList, text, time, uuid } from './value.ts';

const both = ['create', 'patch'] as const;

/** Version of runbooks. */
export const RUNBOOK_SINCE = 92;
/** Version from which runbooks have traits and any name; before it their name is the trait. */
export const RUNBOOK_TRAITS_SINCE = 112;

const steps = list(
  readRunbookSteps,
  'a list of at least one step with interface, step and order, each interface and step only once',
);

export const runbookResource = resource({
  name: 'runbook',
  collection: 'runbooks',
  since: RUNBOOK_SINCE,
  fields: {
    uuid: field(uuid, { since: RUNBOOK_SINCE, shown: 'list', write: ['create'] }),
    name: field(logicalName, { since: RUNBOOK_SINCE, shown: 'list', write: both, required: true }),
    links: field(links, { since: RUNBOOK_SINCE, shown: 'list' }),
    steps: field(steps, { since: RUNBOOK_SINCE, write: both, required: true, masked: true }),
    disable_ramdisk: field(nullable(flag), { since: RUNBOOK_SINCE, write: both }),
    extra: field(object(), { since: RUNBOOK_SINCE, write: both }),
    public: field(nullable(flag), { since: RUNBOOK_SINCE, write: both }),
    owner: field(nullable(text(255)), { since: RUNBOOK_SINCE, write: both }),
    description: field(nullable(text(255)), { since: RUNBOOK_TRAITS_SINCE, write: both }),
    traits: field(serverList, { since: RUNBOOK_TRAITS_SINCE, sort: false }),
    created_at: field(time, { since: RUNBOOK_SINCE }),
    updated_at: field(time, { since: RUNBOOK_SINCE }),
  },
  filters: { project: { since: RUNBOOK_SINCE } },
});
