// The fields of a part of a node that has firmware of its own.
import { field, resource } from '../field.ts';
import { serverText, time } from './value.ts';

const identity = { since: 114, shown: 'list' } as const;

export const firmwareComponentResource = resource({
  name: 'firmware component',
  collection: 'firmware',
  since: 86,
  fields: {
    created_at: field(time, { since: 86, shown: 'list' }),
    updated_at: field(time, { since: 86, shown: 'list' }),
    component: field(serverText, { since: 86, shown: 'list' }),
    initial_version: field(serverText, { since: 86, shown: 'list' }),
    current_version: field(serverText, { since: 86, shown: 'list' }),
    last_version_flashed: field(serverText, { since: 86, shown: 'list' }),
    vendor: field(serverText, identity),
    model: field(serverText, identity),
    serial_number: field(serverText, identity),
  },
});
