// The fields of an entry of a node's history.
import { field, resource } from '../field.ts';
import { links, serverInteger, serverText, time } from './value.ts';

export const nodeHistoryResource = resource({
  name: 'node history',
  collection: 'history',
  since: 78,
  fields: {
    uuid: field(serverText, { since: 78, shown: 'list' }),
    created_at: field(time, { since: 78, shown: 'list' }),
    severity: field(serverText, { since: 78, shown: 'list' }),
    event: field(serverText, { since: 78, shown: 'list' }),
    links: field(links, { since: 78, shown: 'list' }),
    event_type: field(serverText, { since: 78 }),
    conductor: field(serverText, { since: 78 }),
    user: field(serverText, { since: 78 }),
    project: field(serverText, { since: 113 }),
    state: field(serverText, { since: 115 }),
    target_provision_state: field(serverText, { since: 115 }),
    duration_seconds: field(serverInteger, { since: 115 }),
  },
});

/** Longest event text in the short list, and what a longer one is cut to before the dots. */
export const HISTORY_EVENT_SHOWN_MAXIMUM = 255;
export const HISTORY_EVENT_CUT = 251;
