// The routes of inspection rules.
import { randomUUID } from 'node:crypto';
import { inspectionRuleDefaults, inspectionRuleResource, isUuidLike, quirks, registeredError } from '@wrought/contract';
import { checkRegexes, RegexProblem } from '../../inspection/rules/regular-expression.ts';
import { type InspectionRuleRow, inspectionRuleTable } from '../../store/inspection-rules.ts';
import { uniqueColumn } from '../../store/nodes.ts';
import { equals, valuesOf } from '../../store/plain-table.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { plainRoutes, systemPolicy } from '../core/plain.ts';
import { readCreate } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { type Row, serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';

const { collection } = inspectionRuleResource;
const writer = serializer(inspectionRuleResource, { identity: 'uuid' });

export function inspectionRuleRoutes(services: Services): readonly Route[] {
  const { store } = services;
  return plainRoutes<InspectionRuleRow>(services, {
    of: inspectionRuleResource,
    path: collection,
    linkPath: quirks.inspectionRuleLinkPath,
    parameter: 'rule',
    policy: systemPolicy('inspection_rule'),
    filters: Object.keys(inspectionRuleResource.filters),
    tooOld: { others: 'framework 405' },
    writer,
    shown: withoutSecrets,
    findMarker: (marker, sortKey) => inspectionRuleTable.marker(store.read, marker, sortKey),
    rows: ({ query }, page) =>
      inspectionRuleTable.page(store.read, page, equals('inspection_rules.phase', query.phase)),
    rowOf: (request) => rowOf(request, services),
    create: (request) => create(request, services),
    patch: (request) => patch(request, services),
    async remove(request) {
      const row = await rowOf(request, services);
      await recorded(services, { object: 'inspectionrule', action: 'delete', asked: row }, (trx) =>
        inspectionRuleTable.delete(trx, row.id),
      );
    },
  });
}

/** A sensitive rule shows neither what it looks for nor what it does. */
function withoutSecrets(row: InspectionRuleRow): Row {
  return row.sensitive === 1 ? { ...row, actions: 'null', conditions: 'null' } : row;
}

/** @throws RegisteredError 400 for what is no UUID, 404 */
async function rowOf({ params }: ApiRequest, { store }: Services): Promise<InspectionRuleRow> {
  const { rule = '' } = params;
  if (!isUuidLike(rule)) {
    throw registeredError('InvalidUUID', { uuid: rule });
  }
  const row = await inspectionRuleTable.find(store.read, rule);
  if (row === undefined) {
    throw registeredError('InspectionRuleNotFound', { rule });
  }
  return row;
}

type Values = Readonly<Record<string, unknown>>;

/** What a rule looks for must be something that can be looked for. @throws RegisteredError 400 */
async function checkExpressions({ conditions }: Values): Promise<void> {
  await checkRegexes(conditions).catch((error: unknown) => {
    throw error instanceof RegexProblem
      ? registeredError('Invalid', { reason: `In the field conditions ${error.message}.` })
      : error;
  });
}

/** The values with the defaults of those that are empty. */
function filled(values: Values): Values {
  const defaults: Values = inspectionRuleDefaults;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? defaults[name] ?? null]));
}

async function create({ body, minor }: ApiRequest, services: Services): Promise<InspectionRuleRow> {
  const sent = readCreate(inspectionRuleResource, body, minor);
  await checkExpressions(sent);
  const uuid = typeof sent.uuid === 'string' ? sent.uuid : randomUUID();
  const values = { ...inspectionRuleDefaults, ...filled(sent), uuid };
  return recorded(services, { object: 'inspectionrule', action: 'create', asked: values }, (trx) =>
    inspectionRuleTable.insert(trx, values),
  ).catch((error: unknown) => {
    throw uniqueColumn(error) === 'inspection_rules.uuid'
      ? registeredError('InspectionRuleAlreadyExists', { uuid })
      : error;
  });
}

async function patch(request: ApiRequest, services: Services): Promise<InspectionRuleRow> {
  const operations = readPatch(inspectionRuleResource, request.body, request.minor);
  const row = await rowOf(request, services);
  const values = applyPatch(inspectionRuleResource, valuesOf(inspectionRuleResource, row), operations);
  const changes = filled(values);
  await checkExpressions(changes);
  if (row.sensitive === 1 && changes.sensitive === false) {
    throw registeredError('Invalid', {
      reason: `Inspection rule ${row.uuid} is sensitive and stays so: what it holds would be shown. Make another one.`,
    });
  }
  const updated = await recorded(services, { object: 'inspectionrule', action: 'update', asked: row }, (trx) =>
    inspectionRuleTable.update(trx, row.id, changes),
  );
  if (updated === undefined) {
    throw registeredError('InspectionRuleNotFound', { rule: row.uuid });
  }
  return updated;
}
