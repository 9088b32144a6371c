// The routes of conductors.
import { conductorResource, registeredError } from '@wrought/contract';
import { type ConductorRow, conductorMarker, findConductorRow, listConductorRows } from '../../store/conductors.ts';
import { allVisible, listView, selectedFields } from '../core/fields.ts';
import { listJson, nextUrl, pagingArguments, readPage, viewArguments } from '../core/paging.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import { type Row, serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';

const { collection, since } = conductorResource;
const writer = serializer(conductorResource, { identity: 'hostname' });

export function conductorRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/conductors',
      since,
      tooOld: 'fault 404',
      query: [...pagingArguments, 'fields', 'detail'],
      handle: (request) => list(request, services),
    },
    {
      method: 'GET',
      path: '/v1/conductors/:conductor',
      since,
      tooOld: 'fault 404',
      query: ['fields'],
      handle: async (request) => {
        const { minor, query, base, params } = request;
        const fields = selectedFields(conductorResource, minor, query) ?? allVisible(conductorResource, minor);
        const row = await findConductorRow(services.store.read, params.conductor ?? '');
        if (row === undefined) {
          throw registeredError('ConductorNotFound', { conductor: params.conductor ?? '' });
        }
        return ok(writer(minor, fields)(shown(row, services), { base, collection }));
      },
    },
  ];
}

/** A conductor is alive when it is on and was seen within [conductor]heartbeat_timeout. */
function shown(row: ConductorRow, { config }: Services): Row {
  const seen = Date.parse(row.updated_at ?? row.created_at);
  const isAlive = row.online === 1 && Date.now() - seen <= config().conductor.heartbeat_timeout * 1000;
  return { ...row, alive: isAlive ? 1 : 0 };
}

async function list(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor, query, base } = request;
  const view = listView(conductorResource, minor, query);
  const { read } = services.store;
  const page = await readPage(conductorResource, request, {
    maximum: services.config().api.max_limit,
    findMarker: (marker, sortKey) => conductorMarker(read, marker, sortKey),
    markerIsName: true,
  });
  const rows = await listConductorRows(read, page);
  const write = writer(minor, view.fields);
  const items = rows.map((row) => write(shown(row, services), { base, collection }));
  const last = rows.at(-1);
  const next =
    rows.length === page.limit && last !== undefined
      ? nextUrl(base, { path: collection, page, last: last.hostname, middle: viewArguments(view, false) })
      : undefined;
  return ok(listJson(collection, items, next));
}
