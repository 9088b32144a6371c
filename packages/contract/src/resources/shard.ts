// The fields of a shard: a name that nodes share, and how many do.
import { field, resource } from '../field.ts';
import { serverInteger, serverText } from './value.ts';

export const shardResource = resource({
  name: 'shard',
  collection: 'shards',
  since: 82,
  fields: {
    name: field(serverText, { since: 82, shown: 'list' }),
    count: field(serverInteger, { since: 82, shown: 'list' }),
  },
});
