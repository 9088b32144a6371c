// The routes of chassis, and of the nodes in one.
import { randomUUID } from 'node:crypto';
import { type Chassis, chassisResource, isUuidLike, nodeResource, registeredError } from '@wrought/contract';
import {
  type ChassisRow,
  chassisFromRow,
  chassisMarker,
  deleteChassis,
  findChassisRow,
  insertChassis,
  listChassisRows,
  updateChassis,
} from '../../store/chassis.ts';
import { uniqueColumn } from '../../store/nodes.ts';
import { allVisible, type ListView, listView, selectedFields } from '../core/fields.ts';
import { misplacedRoutes } from '../core/misplaced.ts';
import { listJson, nextUrl, pagingArguments, readPage, viewArguments } from '../core/paging.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { readCreate } from '../core/read-body.ts';
import { type Answer, type ApiRequest, created, noContent, ok, type Route } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import { nodeListArguments, nodeLister } from '../nodes/list.ts';
import { nodeView } from '../nodes/view.ts';
import type { Services } from '../services.ts';

const { collection } = chassisResource;
const writer = serializer(chassisResource, { identity: 'uuid' });

export function chassisRoutes(services: Services): readonly Route[] {
  const { read } = services.store;
  const listNodes = nodeLister(services, nodeView(services));
  return [
    {
      method: 'GET',
      path: '/v1/chassis',
      query: [...pagingArguments, 'fields', 'detail'],
      handle: (request) => list(request, services, listView(chassisResource, request.minor, request.query), false),
    },
    {
      method: 'GET',
      path: '/v1/chassis/detail',
      query: pagingArguments,
      handle: (request) => {
        const fields = allVisible(chassisResource, request.minor);
        return list(request, services, { fields, kind: 'detail' }, true);
      },
    },
    { method: 'POST', path: '/v1/chassis', handle: (request) => create(request, services) },
    {
      method: 'GET',
      path: '/v1/chassis/:chassis',
      query: ['fields'],
      handle: async (request) => {
        const { minor, query, base } = request;
        const fields = selectedFields(chassisResource, minor, query) ?? allVisible(chassisResource, minor);
        return ok(writer(minor, fields)(await rowOf(request, services), { base, collection }));
      },
    },
    { method: 'PATCH', path: '/v1/chassis/:chassis', handle: (request) => patch(request, services) },
    { method: 'DELETE', path: '/v1/chassis/:chassis', handle: (request) => remove(request, services) },
    {
      method: 'GET',
      path: '/v1/chassis/:chassis/nodes',
      query: nodeListArguments,
      handle: async (request) => {
        const { uuid } = await rowOf(request, services);
        return listNodes(request, listView(nodeResource, request.minor, request.query), false, uuid);
      },
    },
    {
      method: 'GET',
      path: '/v1/chassis/:chassis/nodes/detail',
      query: nodeListArguments.filter((name) => name !== 'fields' && name !== 'detail'),
      handle: async (request) => {
        const { uuid } = await rowOf(request, services);
        const fields = allVisible(nodeResource, request.minor);
        return listNodes(request, { fields, kind: 'detail' }, true, uuid);
      },
    },
    {
      method: 'GET',
      path: '/v1/chassis/:chassis/:word',
      query: null,
      handle: async (request) => {
        if ((await findChassisRow(read, request.params.chassis ?? '')) === undefined) {
          throw registeredError('ChassisNotFound', { chassis: request.params.chassis ?? '' });
        }
        throw registeredError('InvalidParameterValue', {
          reason: `A chassis has no field or sub-resource "${request.params.word}".`,
        });
      },
    },
    ...misplacedRoutes({ path: '/v1/chassis', item: '/v1/chassis/:chassis', name: 'chassis', hasDetail: true }),
  ];
}

/** @throws RegisteredError 400 for what is no UUID, 404 */
async function rowOf({ params }: ApiRequest, { store }: Services): Promise<ChassisRow> {
  const uuid = params.chassis ?? '';
  if (!isUuidLike(uuid)) {
    throw registeredError('InvalidUUID', { uuid });
  }
  const row = await findChassisRow(store.read, uuid);
  if (row === undefined) {
    throw registeredError('ChassisNotFound', { chassis: uuid });
  }
  return row;
}

function json(row: ChassisRow, { minor, base }: ApiRequest): string {
  return writer(minor, allVisible(chassisResource, minor))(row, { base, collection });
}

async function list(request: ApiRequest, services: Services, shown: ListView, isDetailPath: boolean): Promise<Answer> {
  const { minor, base } = request;
  const page = await readPage(chassisResource, request, {
    maximum: services.config().api.max_limit,
    findMarker: (marker, sortKey) => chassisMarker(services.store.read, marker, sortKey),
  });
  const rows = await listChassisRows(services.store.read, page);
  const write = writer(minor, shown.fields);
  const items = rows.map((row) => write(row, { base, collection }));
  const last = rows.at(-1);
  const path = isDetailPath ? 'chassis/detail' : 'chassis';
  const next =
    rows.length === page.limit && last !== undefined
      ? nextUrl(base, { path, page, last: last.uuid, middle: viewArguments(shown, isDetailPath) })
      : undefined;
  return ok(listJson(collection, items, next));
}

async function create(request: ApiRequest, { store }: Services): Promise<Answer> {
  const sent = readCreate(chassisResource, request.body, request.minor) as Partial<Chassis>;
  const values = { uuid: sent.uuid ?? randomUUID(), description: sent.description ?? null, extra: sent.extra ?? {} };
  const row = await store.transaction((trx) => insertChassis(trx, values)).catch(duplicate(values.uuid));
  return created(json(row, request), `${request.base}/v1/chassis/${row.uuid}`);
}

async function patch(request: ApiRequest, services: Services): Promise<Answer> {
  const operations = readPatch(chassisResource, request.body, request.minor);
  const row = await rowOf(request, services);
  const chassis = chassisFromRow(row);
  const values = applyPatch(chassisResource, { ...chassis }, operations) as Partial<Chassis>;
  const { uuid, description, extra } = { ...chassis, ...values };
  const updated = await services.store
    .transaction((trx) => updateChassis(trx, row.id, { uuid, description, extra }))
    .catch(duplicate(uuid));
  if (updated === undefined) {
    throw registeredError('ChassisNotFound', { chassis: row.uuid });
  }
  return ok(json(updated, request));
}

async function remove(request: ApiRequest, services: Services): Promise<Answer> {
  const row = await rowOf(request, services);
  const isGone = await services.store.transaction((trx) => deleteChassis(trx, row));
  if (!isGone) {
    throw registeredError('ChassisNotEmpty', { chassis: row.uuid });
  }
  return noContent;
}

const duplicate = (uuid: string) => (error: unknown) => {
  throw uniqueColumn(error) === 'chassis.uuid' ? registeredError('ChassisAlreadyExists', { uuid }) : error;
};
