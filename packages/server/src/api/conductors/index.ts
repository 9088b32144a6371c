// The routes of conductors.
import { conductorResource, registeredError } from '@wrought/contract';
import { type ConductorRow, conductorMarker, findConductorRow, listConductorRows } from '../../store/conductors.ts';
import { pagingArguments } from '../core/paging.ts';
import { type Listing, listAnswer, plainView, showAnswer } from '../core/plain.ts';
import type { Route } from '../core/route.ts';
import { type Row, serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';

const { collection, since } = conductorResource;
const writer = serializer(conductorResource, { identity: 'hostname' });

export function conductorRoutes(services: Services): readonly Route[] {
  const { read } = services.store;
  const listing: Listing<ConductorRow> = {
    of: conductorResource,
    path: collection,
    identity: 'hostname',
    writer,
    findMarker: (marker, sortKey) => conductorMarker(read, marker, sortKey),
    markerIsName: true,
    shown: (row) => shown(row, services),
  };
  return [
    {
      method: 'GET',
      path: '/v1/conductors',
      gives: { list: conductorResource },
      policy: { rule: 'baremetal:conductor:get' },
      since,
      tooOld: 'fault 404',
      query: [...pagingArguments, 'fields', 'detail'],
      handle: (request) =>
        listAnswer(listing, request, {
          services,
          view: plainView(listing, request),
          rows: (page) => listConductorRows(read, page),
        }),
    },
    {
      method: 'GET',
      path: '/v1/conductors/:conductor',
      gives: { one: conductorResource },
      policy: { rule: 'baremetal:conductor:get' },
      since,
      tooOld: 'fault 404',
      query: ['fields'],
      handle: async (request) => {
        const { conductor = '' } = request.params;
        const row = await findConductorRow(read, conductor);
        if (row === undefined) {
          throw registeredError('ConductorNotFound', { conductor });
        }
        return showAnswer(listing, row, request);
      },
    },
  ];
}

/** A conductor is alive when it is on and was seen within [conductor]heartbeat_timeout. */
function shown(row: ConductorRow, { config }: Services): Row {
  const seen = Date.parse(row.updated_at ?? row.created_at);
  const isAlive = row.online === 1 && row.read_at_ms - seen <= config().conductor.heartbeat_timeout * 1000;
  return { ...row, alive: isAlive ? 1 : 0 };
}
