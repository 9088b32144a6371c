// The routes of volume connectors and targets: all, and those of a node.
import { VOLUME_SINCE } from '@wrought/contract';
import { listVolumeRows, type VolumeFilters, type VolumeRow, volumeTables } from '../../store/volumes.ts';
import { childListRoutes, type Listing, listPolicy, ownedPolicy, plainRoutes } from '../core/plain.ts';
import { ok, type Route } from '../core/route.ts';
import { linksJson } from '../core/serialize.ts';
import { givenFilters, nodeFilter } from '../nodes/filter-arguments.ts';
import { parentNode } from '../nodes/parent.ts';
import { nodeRowOf } from '../nodes/view.ts';
import type { Services } from '../services.ts';
import { createVolume, patchVolume, removeVolume, volumeRowOf } from './change.ts';
import { type VolumeKind, volumeKinds } from './kinds.ts';

export function volumeRoutes(services: Services): readonly Route[] {
  return [...rootRoutes(services), ...volumeKinds.flatMap((kind) => kindRoutes(kind, services))];
}

function rootJson(base: string, path: string): string {
  const links = (below: string) => linksJson(base, `${path}/${below}`);
  return `{"links":${links('')},"connectors":${links('connectors')},"targets":${links('targets')}}`;
}

function rootRoutes({ store }: Services): readonly Route[] {
  const common = { method: 'GET', since: VOLUME_SINCE, tooOld: 'fault 404' } as const;
  return [
    {
      ...common,
      path: '/v1/volume',
      policy: { rule: 'baremetal:volume:get' },
      handle: ({ base }) => ok(rootJson(base, 'volume')),
    },
    {
      ...common,
      path: '/v1/nodes/:node/volume',
      policy: { onObject: 'baremetal:volume:get' },
      async handle(request) {
        await nodeRowOf(store, request);
        return ok(rootJson(request.base, `nodes/${request.params.node}/volume`));
      },
    },
  ];
}

function kindRoutes(kind: VolumeKind, services: Services): readonly Route[] {
  const { read } = services.store;
  const listing: Listing<VolumeRow> = {
    of: kind.of,
    path: `volume/${kind.of.collection}`,
    writer: kind.writer,
    findMarker: (marker, sortKey) => volumeTables[kind.table].marker(read, marker, sortKey),
    ...(kind.shown === undefined ? {} : { shown: kind.shown }),
  };
  return [
    ...plainRoutes(services, {
      ...listing,
      parameter: kind.parameter,
      policy: ownedPolicy('volume'),
      filters: Object.keys(kind.of.filters),
      async rows(request, page) {
        const project = request.access.listedProject();
        const node_uuid = await nodeFilter(request, services);
        return listVolumeRows(read, kind.table, givenFilters<VolumeFilters>({ node_uuid, project }), page);
      },
      rowOf: (request) => volumeRowOf(kind, request, services),
      create: (request) => createVolume(kind, request, services),
      patch: (request) => patchVolume(kind, request, services),
      remove: (request) => removeVolume(kind, request, services),
    }),
    ...childListRoutes(services, listing, {
      path: '/v1/nodes/:node',
      since: VOLUME_SINCE,
      policy: listPolicy('volume'),
      async open(request) {
        const { uuid } = await parentNode(request, services);
        const filters = givenFilters<VolumeFilters>({ node_uuid: uuid, project: request.access.listedProject() });
        return { parent: `nodes/${uuid}`, rows: (page) => listVolumeRows(read, kind.table, filters, page) };
      },
    }),
  ];
}
