// GET of the lists of nodes: plain and detailed, of all nodes or of a chassis.
import { nodeResource, quirks, type Resource } from '@wrought/contract';
import { listNodeRows, nodeMarker } from '../../store/node-list.ts';
import { allVisible, type ListView, listView } from '../core/fields.ts';
import { listJson } from '../core/list-body.ts';
import { nextUrl, pagingArguments, readPage, viewArguments } from '../core/paging.ts';
import { booleanArgument } from '../core/query.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import { writeContext } from '../core/serialize.ts';
import type { Services } from '../services.ts';
import { nodeFilterArguments, readNodeFilters } from './filters.ts';
import { nodeRedaction, ownerColumns } from './redaction.ts';
import type { NodeView } from './view.ts';

/** Columns that every row needs: its identity, and what its conductor is found by. */
const alwaysRead = ['uuid', 'driver', 'conductor_group'];
const columnKinds: ReadonlySet<string> = new Set(['text', 'integer', 'flag', 'time', 'object', 'list']);

function columnsFor(fields: readonly string[], also: readonly string[]): string[] {
  const declared: Resource['fields'] = nodeResource.fields;
  const columns = fields.filter((name) => columnKinds.has(declared[name]?.type.kind ?? ''));
  return [...new Set([...alwaysRead, ...also, ...columns])];
}

/** Answers a list of nodes; `chassis` narrows it to the nodes of one. */
export function nodeLister({ store, doors, config }: Services, view: NodeView) {
  return async (request: ApiRequest, shown: ListView, isDetailPath: boolean, chassis?: string): Promise<Answer> => {
    const { minor, query, base, access } = request;
    const project = access.listedProject(query.project);
    const read = await readNodeFilters(store, request, isDetailPath);
    const filters = project === undefined ? read : { ...read, project };
    const page = await readPage(nodeResource, request, {
      maximum: config().api.max_limit,
      findMarker: (marker, sortKey) => nodeMarker(store.read, marker, sortKey),
    });
    const narrowed = chassis === undefined ? filters : { ...filters, chassis_uuid: chassis };
    const columns = columnsFor(shown.fields, access.isRestricted ? ownerColumns : []);
    const rows = await listNodeRows(store.read, columns, narrowed, page);
    const visible = nodeRedaction(access);
    const write = view.writer(minor, shown.fields);
    const context = writeContext(request, nodeResource.collection);
    // The conductor of a node is computed, so this filter comes after the page is cut.
    const wanted = query.conductor;
    const kept = wanted === undefined ? rows : rows.filter((row) => doors.call.conductorOf(row) === wanted);
    const last = rows.at(-1)?.uuid;
    const hasNext =
      rows.length === page.limit &&
      last !== undefined &&
      !(quirks.noNextLinkWithInstanceUuid && query.instance_uuid !== undefined);
    const repeated = quirks.filtersKeptInNextLink.filter((name) => booleanArgument(query, name) === true);
    const middle = [...repeated.map((name) => `${name}=True`), ...viewArguments(shown, isDetailPath)];
    const path = isDetailPath ? 'nodes/detail' : 'nodes';
    const next = hasNext ? nextUrl(base, { path, page, last, middle }) : undefined;
    return ok(
      listJson(
        nodeResource.collection,
        kept.values().map((row) => write(visible(row), context)),
        next,
      ),
    );
  };
}

/** Query arguments of plain lists of nodes. */
export const nodeListArguments = [...nodeFilterArguments, ...pagingArguments, 'fields', 'detail'];

export function listRoutes(services: Services, view: NodeView): readonly Route[] {
  const list = nodeLister(services, view);
  return [
    {
      method: 'GET',
      path: '/v1/nodes',
      policy: { listAll: 'baremetal:node:list_all', listOwn: 'baremetal:node:list' },
      query: nodeListArguments,
      gives: { list: nodeResource },
      handle: (request) => list(request, listView(nodeResource, request.minor, request.query), false),
    },
    {
      method: 'GET',
      path: '/v1/nodes/detail',
      policy: { listAll: 'baremetal:node:list_all', listOwn: 'baremetal:node:list' },
      query: [...nodeFilterArguments, ...pagingArguments],
      gives: { list: nodeResource },
      handle: (request) => {
        const fields = allVisible(nodeResource, request.minor);
        return list(request, { fields, kind: 'detail' }, true);
      },
    },
  ];
}
