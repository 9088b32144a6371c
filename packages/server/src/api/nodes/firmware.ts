// Route of a node's firmware components, as its driver read them last.
import { firmwareComponentResource, registeredError, versionText } from '@wrought/contract';
import { firmwareComponentRows } from '../../store/firmware-components.ts';
import { listView } from '../core/fields.ts';
import { listJson } from '../core/list-body.ts';
import { listArgument } from '../core/query.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const { since, collection, fields: declared } = firmwareComponentResource;
const writer = serializer(firmwareComponentResource, { identity: 'component' });

export function firmwareRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/firmware',
      gives: { list: firmwareComponentResource },
      policy: { onObject: 'baremetal:node:firmware:get' },
      since,
      query: ['detail', 'fields'],
      handle: (request) => list(request, services),
    },
  ];
}

/** A field that is too new is a wrong argument here (400), not one that needs a newer version. */
function checkFields({ minor, query }: ApiRequest): void {
  const known: Readonly<Record<string, { since: number }>> = declared;
  for (const name of listArgument(query, 'fields') ?? []) {
    const introduced = known[name]?.since ?? since;
    if (introduced > minor) {
      throw registeredError('InvalidParameterValue', {
        reason: `The field "${name}" needs API version ${versionText(introduced)}; this request uses ${versionText(minor)}.`,
      });
    }
  }
}

async function list(request: ApiRequest, services: Services): Promise<Answer> {
  checkFields(request);
  const view = listView(firmwareComponentResource, request.minor, request.query);
  const node = await nodeOf(services, request);
  const write = writer(request.minor, view.fields);
  const context = { base: request.base, collection: `nodes/${node.uuid}/firmware` };
  const rows = await firmwareComponentRows(services.store.read, node.id);
  return ok(
    listJson(
      collection,
      rows.map((row) => write(row, context)),
      undefined,
    ),
  );
}
