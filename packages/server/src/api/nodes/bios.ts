// Routes of a node's BIOS settings, as its driver read them last.
import { BIOS_REGISTRY_SINCE, biosSettingResource, registeredError, versionText } from '@wrought/contract';
import { biosSettingRows } from '../../store/bios-settings.ts';
import { allVisible, listView } from '../core/fields.ts';
import { listJson } from '../core/list-body.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const { since, collection } = biosSettingResource;
const policy = { onObject: 'baremetal:node:bios:get' } as const;
const writer = serializer(biosSettingResource, { identity: 'name' });

export function biosRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/bios',
      gives: { list: biosSettingResource },
      policy,
      since,
      query: ['detail', 'fields'],
      handle: (request) => list(request, services),
    },
    {
      method: 'GET',
      path: '/v1/nodes/:node/bios/:setting',
      gives: { one: biosSettingResource },
      policy,
      since,
      handle: (request) => show(request, services),
    },
  ];
}

function fieldsOf({ minor, query }: ApiRequest): readonly string[] {
  const named = ['detail', 'fields'].find((name) => query[name] !== undefined);
  if (named !== undefined && minor < BIOS_REGISTRY_SINCE) {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument "${named}" needs API version ${versionText(BIOS_REGISTRY_SINCE)}; this request uses ${versionText(minor)}.`,
    });
  }
  const view = listView(biosSettingResource, minor, query);
  // The times come with every choice of fields, as clients know it.
  return view.kind === 'selected' ? [...new Set(['created_at', 'updated_at', ...view.fields])] : view.fields;
}

async function list(request: ApiRequest, services: Services): Promise<Answer> {
  const fields = fieldsOf(request);
  const node = await nodeOf(services, request);
  const write = writer(request.minor, fields);
  const context = { base: request.base, collection: `nodes/${node.uuid}/bios` };
  const rows = await biosSettingRows(services.store.read, node.id);
  return ok(
    listJson(
      collection,
      rows.map((row) => write(row, context)),
      undefined,
    ),
  );
}

async function show(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor, base, params } = request;
  const node = await nodeOf(services, request);
  const row = (await biosSettingRows(services.store.read, node.id)).find(({ name }) => name === params.setting);
  if (row === undefined) {
    throw registeredError('BIOSSettingNotFound', { node: node.uuid, name: params.setting ?? '' });
  }
  const fields = allVisible(biosSettingResource, minor);
  const setting = writer(minor, fields)(row, { base, collection: `nodes/${node.uuid}/bios` });
  return ok(`{${JSON.stringify(row.name)}:${setting}}`);
}
