// The fields of a conductor.
import { field, resource } from '../field.ts';
import { links, serverFlag, serverList, serverText, time } from './value.ts';

export const conductorResource = resource({
  name: 'conductor',
  collection: 'conductors',
  since: 49,
  fields: {
    hostname: field(serverText, { since: 49, shown: 'list' }),
    conductor_group: field(serverText, { since: 49, shown: 'list' }),
    alive: field(serverFlag, { since: 49, shown: 'list', sort: false }),
    links: field(links, { since: 49, shown: 'list' }),
    drivers: field(serverList, { since: 49 }),
    created_at: field(time, { since: 49 }),
    updated_at: field(time, { since: 49 }),
  },
});
