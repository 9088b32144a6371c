// The routes of deploy templates.
import { randomUUID } from 'node:crypto';
import { type DeployTemplate, deployTemplateResource, registeredError } from '@wrought/contract';
import { uniqueColumn } from '../../store/nodes.ts';
import {
  deleteTemplate,
  findTemplateRow,
  insertTemplate,
  listTemplateRows,
  type TemplateRow,
  templateFromRow,
  templateMarker,
  updateTemplate,
} from '../../store/templates.ts';
import { allVisible, listView, selectedFields } from '../core/fields.ts';
import { misplacedRoutes } from '../core/misplaced.ts';
import { listJson, nextUrl, pagingArguments, readPage, viewArguments } from '../core/paging.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { findWithSuffix } from '../core/path.ts';
import { readCreate } from '../core/read-body.ts';
import { type Answer, type ApiRequest, created, noContent, ok, type Route } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';

const { collection, since } = deployTemplateResource;
const writer = serializer(deployTemplateResource, { identity: 'uuid' });
const one = `/v1/${collection}/:template`;

export function deployTemplateRoutes(services: Services): readonly Route[] {
  const tooOld = 'framework 405';
  return [
    {
      method: 'GET',
      path: `/v1/${collection}`,
      since,
      query: [...pagingArguments, 'fields', 'detail'],
      handle: (request) => list(request, services),
    },
    { method: 'POST', path: `/v1/${collection}`, since, tooOld, handle: (request) => create(request, services) },
    {
      method: 'GET',
      path: one,
      since,
      query: ['fields'],
      handle: async (request) => {
        const { minor, query, base } = request;
        const fields =
          selectedFields(deployTemplateResource, minor, query) ?? allVisible(deployTemplateResource, minor);
        return ok(writer(minor, fields)(await rowOf(request, services), { base, collection }));
      },
    },
    { method: 'PATCH', path: one, since, tooOld, handle: (request) => patch(request, services) },
    {
      method: 'DELETE',
      path: one,
      since,
      tooOld,
      handle: async (request) => {
        const { id } = await rowOf(request, services);
        await services.store.transaction((trx) => deleteTemplate(trx, id));
        return noContent;
      },
    },
    ...misplacedRoutes({ path: `/v1/${collection}`, item: one, name: deployTemplateResource.name, since }),
  ];
}

/** @throws RegisteredError DeployTemplateNotFound */
async function rowOf({ params, jsonSuffix }: ApiRequest, { store }: Services): Promise<TemplateRow> {
  const ident = params.template ?? '';
  const row = await findWithSuffix(ident, jsonSuffix, (text) => findTemplateRow(store.read, text));
  if (row === undefined) {
    throw registeredError('DeployTemplateNotFound', { template: ident });
  }
  return row;
}

function json(row: TemplateRow, { minor, base }: ApiRequest): string {
  return writer(minor, allVisible(deployTemplateResource, minor))(row, { base, collection });
}

async function list(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor, query, base } = request;
  const view = listView(deployTemplateResource, minor, query);
  const { read } = services.store;
  const page = await readPage(deployTemplateResource, request, {
    maximum: services.config().api.max_limit,
    findMarker: (marker, sortKey) => templateMarker(read, marker, sortKey),
    // A name is a possible marker, and yet never found.
    markerIsName: true,
  });
  const rows = await listTemplateRows(read, page);
  const write = writer(minor, view.fields);
  const items = rows.map((row) => write(row, { base, collection }));
  const last = rows.at(-1);
  const next =
    rows.length === page.limit && last !== undefined
      ? nextUrl(base, { path: collection, page, last: last.uuid, middle: viewArguments(view, false) })
      : undefined;
  return ok(listJson(collection, items, next));
}

async function create(request: ApiRequest, { store }: Services): Promise<Answer> {
  const sent = readCreate(deployTemplateResource, request.body, request.minor) as Pick<
    DeployTemplate,
    'name' | 'steps'
  > &
    Partial<DeployTemplate>;
  const { name, steps, uuid = randomUUID(), extra = {} } = sent;
  const values = { uuid, name, steps, extra };
  const row = await store.transaction((trx) => insertTemplate(trx, values)).catch(duplicate(values));
  return created(json(row, request), `${request.base}/v1/${collection}/${row.uuid}`);
}

async function patch(request: ApiRequest, services: Services): Promise<Answer> {
  const operations = readPatch(deployTemplateResource, request.body, request.minor);
  const row = await rowOf(request, services);
  const template = templateFromRow(row);
  const sent = applyPatch(deployTemplateResource, { ...template }, operations) as Partial<DeployTemplate>;
  const { uuid, name, steps, extra } = { ...template, ...sent };
  const values = { uuid, name, steps, extra };
  const updated = await services.store
    .transaction((trx) => updateTemplate(trx, row.id, values))
    .catch(duplicate(values));
  if (updated === undefined) {
    throw registeredError('DeployTemplateNotFound', { template: row.uuid });
  }
  return ok(json(updated, request));
}

const duplicate =
  ({ uuid, name }: Pick<DeployTemplate, 'uuid' | 'name'>) =>
  (error: unknown) => {
    switch (uniqueColumn(error)) {
      case 'deploy_templates.uuid':
        throw registeredError('DeployTemplateAlreadyExists', { uuid });
      case 'deploy_templates.name':
        throw registeredError('DeployTemplateDuplicateName', { name });
      default:
        throw error;
    }
  };
