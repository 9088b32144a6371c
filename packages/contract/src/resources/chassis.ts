// The fields of a chassis.
import { field, resource } from '../field.ts';
import { quirks } from './quirks.ts';
import { links, nestedSubLinks, nullable, object, subLinks, text, time, uuid } from './value.ts';

const both = ['create', 'patch'] as const;

export const chassisResource = resource({
  name: 'chassis',
  collection: 'chassis',
  fields: {
    uuid: field(uuid, { since: 1, shown: 'list', write: ['create'] }),
    description: field(nullable(text(255)), { since: 1, shown: 'list', write: both }),
    links: field(links, { since: 1, shown: 'list' }),
    extra: field(object(), { since: 1, write: both }),
    nodes: field(quirks.chassisNodesLinksNested ? nestedSubLinks : subLinks, { since: 1 }),
    created_at: field(time, { since: 1 }),
    updated_at: field(time, { since: 1 }),
  },
});
