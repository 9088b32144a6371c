// The routes of deploy templates.
import { randomUUID } from 'node:crypto';
import { type DeployTemplate, deployTemplateResource, registeredError } from '@wrought/contract';
import { uniqueColumn } from '../../store/nodes.ts';
import { valuesOf } from '../../store/plain-table.ts';
import { type TemplateRow, templateTable } from '../../store/templates.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { findWithSuffix } from '../core/path.ts';
import { plainRoutes, systemPolicy } from '../core/plain.ts';
import { readCreate } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';

const { collection } = deployTemplateResource;
const writer = serializer(deployTemplateResource, { identity: 'uuid' });

export function deployTemplateRoutes(services: Services): readonly Route[] {
  const { store } = services;
  return plainRoutes(services, {
    of: deployTemplateResource,
    policy: systemPolicy('deploy_template'),
    path: collection,
    parameter: 'template',
    tooOld: { others: 'framework 405' },
    writer,
    findMarker: (marker, sortKey) => templateTable.marker(store.read, marker, sortKey),
    // A name is a possible marker, and yet never found.
    markerIsName: true,
    rows: (_, page) => templateTable.page(store.read, page),
    rowOf: (request) => rowOf(request, services),
    create: (request) => create(request, services),
    patch: (request) => patch(request, services),
    async remove(request) {
      const row = await rowOf(request, services);
      await recorded(services, { object: 'deploytemplate', action: 'delete', asked: row }, (trx) =>
        templateTable.delete(trx, row.id),
      );
    },
  });
}

/** @throws RegisteredError DeployTemplateNotFound */
async function rowOf({ params, jsonSuffix }: ApiRequest, { store }: Services): Promise<TemplateRow> {
  const ident = params.template ?? '';
  const row = await findWithSuffix(ident, jsonSuffix, (text) => templateTable.findByIdent(store.read, text));
  if (row === undefined) {
    throw registeredError('DeployTemplateNotFound', { template: ident });
  }
  return row;
}

async function create(request: ApiRequest, services: Services): Promise<TemplateRow> {
  const sent = readCreate(deployTemplateResource, request.body, request.minor) as Pick<
    DeployTemplate,
    'name' | 'steps'
  > &
    Partial<DeployTemplate>;
  const { name, steps, uuid = randomUUID(), extra = {} } = sent;
  const values = { uuid, name, steps, extra };
  return recorded(services, { object: 'deploytemplate', action: 'create', asked: values }, (trx) =>
    templateTable.insert(trx, values),
  ).catch(duplicate(values));
}

async function patch(request: ApiRequest, services: Services): Promise<TemplateRow> {
  const operations = readPatch(deployTemplateResource, request.body, request.minor);
  const row = await rowOf(request, services);
  const values = applyPatch(deployTemplateResource, valuesOf(deployTemplateResource, row), operations);
  const updated = await recorded(services, { object: 'deploytemplate', action: 'update', asked: row }, (trx) =>
    templateTable.update(trx, row.id, values),
  ).catch(duplicate({ ...row, ...values }));
  if (updated === undefined) {
    throw registeredError('DeployTemplateNotFound', { template: row.uuid });
  }
  return updated;
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
