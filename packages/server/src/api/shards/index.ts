// The routes of shards.
import { quirks, registeredError, shardResource } from '@wrought/contract';
import { countShards } from '../../store/node-list.ts';
import { okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';

const { collection, since } = shardResource;

export function shardRoutes({ store }: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: `/v1/${collection}`,
      since,
      policy: { rule: 'baremetal:shards:get' },
      gives: { list: shardResource },
      async handle() {
        const shards = await countShards(store.read);
        return okJson({ shards: shards.map(({ name, count }) => ({ name: name ?? quirks.nameOfNoShard, count })) });
      },
    },
    {
      method: 'GET',
      path: `/v1/${collection}/:shard`,
      since,
      policy: 'anyone',
      query: null,
      handle({ params }) {
        throw registeredError('NotFound', {
          reason: `A shard is not shown by itself; the nodes of it are at /v1/nodes?shard=${encodeURIComponent(params.shard ?? '')}.`,
        });
      },
    },
  ];
}
