// The routes of chassis, and of the nodes in one.
import { randomUUID } from 'node:crypto';
import { type Chassis, chassisResource, isUuidLike, nodeResource, registeredError } from '@wrought/contract';
import { type ChassisRow, chassisTable, deleteChassis } from '../../store/chassis.ts';
import { uniqueColumn } from '../../store/nodes.ts';
import { valuesOf } from '../../store/plain-table.ts';
import { allVisible, listView } from '../core/fields.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { listPolicy, plainRoutes, systemPolicy } from '../core/plain.ts';
import { readCreate } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import { nodeListArguments, nodeLister } from '../nodes/list.ts';
import { nodeView } from '../nodes/view.ts';
import type { Services } from '../services.ts';

const writer = serializer(chassisResource, { identity: 'uuid' });

export function chassisRoutes(services: Services): readonly Route[] {
  const { read } = services.store;
  const listNodes = nodeLister(services, nodeView(services));
  return [
    ...plainRoutes(services, {
      of: chassisResource,
      policy: systemPolicy('chassis'),
      path: 'chassis',
      parameter: 'chassis',
      hasDetail: true,
      writer,
      findMarker: (marker, sortKey) => chassisTable.marker(read, marker, sortKey),
      rows: (_, page) => chassisTable.page(read, page),
      rowOf: (request) => rowOf(request, services),
      create: (request) => create(request, services),
      patch: (request) => patch(request, services),
      remove: (request) => remove(request, services),
    }),
    {
      method: 'GET',
      path: '/v1/chassis/:chassis/nodes',
      policy: listPolicy('node'),
      query: nodeListArguments,
      gives: { list: nodeResource },
      handle: async (request) => {
        const { uuid } = await rowOf(request, services);
        return listNodes(request, listView(nodeResource, request.minor, request.query), false, uuid);
      },
    },
    {
      method: 'GET',
      path: '/v1/chassis/:chassis/nodes/detail',
      policy: listPolicy('node'),
      gives: { list: nodeResource },
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
      policy: { rule: 'baremetal:chassis:get' },
      query: null,
      handle: async (request) => {
        if ((await chassisTable.find(read, request.params.chassis ?? '')) === undefined) {
          throw registeredError('ChassisNotFound', { chassis: request.params.chassis ?? '' });
        }
        throw registeredError('InvalidParameterValue', {
          reason: `A chassis has no field or sub-resource "${request.params.word}".`,
        });
      },
    },
  ];
}

/** @throws RegisteredError 400 for what is no UUID, 404 */
async function rowOf({ params }: ApiRequest, { store }: Services): Promise<ChassisRow> {
  const uuid = params.chassis ?? '';
  if (!isUuidLike(uuid)) {
    throw registeredError('InvalidUUID', { uuid });
  }
  const row = await chassisTable.find(store.read, uuid);
  if (row === undefined) {
    throw registeredError('ChassisNotFound', { chassis: uuid });
  }
  return row;
}

async function create(request: ApiRequest, services: Services): Promise<ChassisRow> {
  const sent = readCreate(chassisResource, request.body, request.minor) as Partial<Chassis>;
  const values = { description: null, extra: {}, ...sent, uuid: sent.uuid ?? randomUUID() };
  return recorded(services, { object: 'chassis', action: 'create', asked: values }, (trx) =>
    chassisTable.insert(trx, values),
  ).catch(duplicate(values.uuid));
}

async function patch(request: ApiRequest, services: Services): Promise<ChassisRow> {
  const operations = readPatch(chassisResource, request.body, request.minor);
  const row = await rowOf(request, services);
  const values = applyPatch(chassisResource, valuesOf(chassisResource, row), operations);
  const updated = await recorded(services, { object: 'chassis', action: 'update', asked: row }, (trx) =>
    chassisTable.update(trx, row.id, values),
  ).catch(duplicate(row.uuid));
  if (updated === undefined) {
    throw registeredError('ChassisNotFound', { chassis: row.uuid });
  }
  return updated;
}

async function remove(request: ApiRequest, services: Services): Promise<void> {
  const row = await rowOf(request, services);
  const isGone = await recorded(services, { object: 'chassis', action: 'delete', asked: row }, (trx) =>
    deleteChassis(trx, row),
  );
  if (!isGone) {
    throw registeredError('ChassisNotEmpty', { chassis: row.uuid });
  }
}

const duplicate = (uuid: string) => (error: unknown) => {
  throw uniqueColumn(error) === 'chassis.uuid' ? registeredError('ChassisAlreadyExists', { uuid }) : error;
};
