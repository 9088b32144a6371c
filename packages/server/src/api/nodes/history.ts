// Routes of a node's history.
import {
  HISTORY_EVENT_CUT,
  HISTORY_EVENT_SHOWN_MAXIMUM,
  nodeHistoryResource,
  registeredError,
} from '@wrought/contract';
import { findHistoryRow, historyMarker, listHistoryRows } from '../../store/history.ts';
import { allVisible, defaultVisible, detailArgument } from '../core/fields.ts';
import { listJson } from '../core/list-body.ts';
import { nextUrl, pagingArguments, readPage } from '../core/paging.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const { since } = nodeHistoryResource;

// An entry has a single link, its own, without bookmark.
const writer = serializer(nodeHistoryResource, {
  identity: 'uuid',
  links: (href) => `[{"href":"${href}","rel":"self"}]`,
});

export function historyRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/history',
      gives: { list: nodeHistoryResource },
      policy: { onObject: 'baremetal:node:history:get' },
      since,
      query: [...pagingArguments, 'detail'],
      handle: (request) => list(request, services),
    },
    {
      method: 'GET',
      path: '/v1/nodes/:node/history/:entry',
      gives: { one: nodeHistoryResource },
      policy: { onObject: 'baremetal:node:history:get' },
      since,
      handle: (request) => show(request, services),
    },
  ];
}

async function list(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor, base, query } = request;
  const { read } = services.store;
  const node = await nodeOf(services, request);
  const page = await readPage(nodeHistoryResource, request, {
    maximum: services.config().api.max_limit,
    findMarker: (marker, sortKey) => historyMarker(read, marker, sortKey),
    defaultSortKey: 'created_at',
  });
  const detail = detailArgument(minor, query);
  const rows = await listHistoryRows(read, node.id, page);
  const write = writer(minor, (detail ? allVisible : defaultVisible)(nodeHistoryResource, minor));
  const collection = `nodes/${node.uuid}/history`;
  const items = rows.map((row) => write(detail ? row : { ...row, event: shortened(row.event) }, { base, collection }));
  const last = rows.at(-1);
  const next =
    rows.length === page.limit && last !== undefined
      ? nextUrl(base, { path: collection, page, last: last.uuid, middle: detail ? ['detail=True'] : [] })
      : undefined;
  return ok(listJson(nodeHistoryResource.collection, items, next));
}

function shortened(event: string): string {
  return event.length > HISTORY_EVENT_SHOWN_MAXIMUM ? `${event.slice(0, HISTORY_EVENT_CUT)}...` : event;
}

async function show(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor, base, params } = request;
  const node = await nodeOf(services, request);
  const row = await findHistoryRow(services.store.read, params.entry ?? '');
  if (row === undefined || row.node_id !== node.id) {
    throw registeredError('NodeHistoryNotFound', { entry: params.entry ?? '', node: node.uuid });
  }
  const collection = `nodes/${node.uuid}/history`;
  return ok(writer(minor, allVisible(nodeHistoryResource, minor))(row, { base, collection }));
}
