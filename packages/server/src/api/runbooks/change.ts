// Creates and changes runbooks: whose they are, and for whom.
import { randomUUID } from 'node:crypto';
import {
  isTrait,
  RUNBOOK_TRAITS_SINCE,
  type Runbook,
  registeredError,
  runbookResource,
  trait,
} from '@wrought/contract';
import { uniqueColumn } from '../../store/nodes.ts';
import { type RunbookRow, runbookFromRow, runbookTable } from '../../store/runbooks.ts';
import { applyPatch, type Operation, readPatch } from '../core/patch.ts';
import { readCreate, shownValue } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import { requireSteps } from '../nodes/step-policy.ts';
import type { Access, RuleName } from '../policy/access.ts';
import type { Services } from '../services.ts';
import { runbookRowOf } from './view.ts';

type SentRunbook = Partial<Runbook> & Pick<Runbook, 'name' | 'steps'>;

/** @throws RegisteredError 400, 403, 406 and 409 */
export async function createRunbook(request: ApiRequest, services: Services): Promise<RunbookRow> {
  const { minor, access } = request;
  const sent = readCreate(runbookResource, request.body, minor) as SentRunbook;
  if (minor < RUNBOOK_TRAITS_SINCE && !isTrait(sent.name)) {
    throw registeredError('Invalid', {
      reason: `The field name has the invalid value ${shownValue(sent.name)}; allowed: ${trait.allowed} (below API version 1.112).`,
    });
  }
  requireSteps(access, sent.steps, {});
  const values = {
    extra: {},
    traits: [],
    ...sent,
    uuid: sent.uuid ?? randomUUID(),
    disable_ramdisk: sent.disable_ramdisk === true,
    public: sent.public === true,
    owner: ownerFor(sent, access),
  };
  return recorded(services, { object: 'runbook', action: 'create', asked: values }, (trx) =>
    runbookTable.insert(trx, values),
  ).catch(duplicate(values));
}

/** A project makes runbooks for itself only. @throws RegisteredError 400 */
function ownerFor({ owner = null, public: isPublic }: Partial<Runbook>, access: Access): string | null {
  if (access.isRestricted && access.project !== null) {
    if (owner !== null && owner !== access.project) {
      throw registeredError('Invalid', {
        reason: `The field owner has the invalid value ${shownValue(owner)}; allowed: the caller's own project ${access.project}.`,
      });
    }
    if (isPublic === true) {
      throw registeredError('Invalid', { reason: 'A project can not make a public runbook; an administrator can.' });
    }
    return access.project;
  }
  if (owner !== null && isPublic === true) {
    throw ownedAndPublic();
  }
  return owner;
}

const ownedAndPublic = () =>
  registeredError('Invalid', { reason: 'A runbook is public or has an owner: set public to false with the owner.' });

/** What a patch needs besides: to give a runbook away, or to everybody, is for administrators. */
function rulesFor(operations: readonly Operation[]): readonly RuleName[] {
  const rules = operations.map(
    ({ path: [name] }): RuleName =>
      name === 'owner' || name === 'public' ? `baremetal:runbook:update:${name}` : 'baremetal:runbook:update',
  );
  return rules.length === 0 ? ['baremetal:runbook:update'] : [...new Set(rules)];
}

/** @throws RegisteredError 400, 403, 404, 406 and 409 */
export async function patchRunbook(request: ApiRequest, services: Services): Promise<RunbookRow> {
  const operations = readPatch(runbookResource, request.body, request.minor);
  for (const rule of rulesFor(operations)) {
    await runbookRowOf(request, services, rule);
  }
  const row = await runbookRowOf(request, services, 'baremetal:runbook:get');
  const present = runbookFromRow(row);
  const values = applyPatch(runbookResource, { ...present }, operations) as Partial<Runbook>;
  const isPublic = 'public' in values ? values.public === true : present.public;
  if (isPublic && typeof values.owner === 'string') {
    throw ownedAndPublic();
  }
  if (values.steps !== undefined) {
    requireSteps(request.access, values.steps, {});
  }
  const changes = {
    ...('public' in values ? { owner: null } : {}),
    ...values,
    ...('public' in values ? { public: isPublic } : {}),
    ...('disable_ramdisk' in values ? { disable_ramdisk: values.disable_ramdisk === true } : {}),
  };
  const updated = await recorded(services, { object: 'runbook', action: 'update', asked: row }, (trx) =>
    runbookTable.update(trx, row.id, changes),
  ).catch(duplicate({ ...present, ...values }));
  if (updated === undefined) {
    throw registeredError('RunbookNotFound', { runbook: row.uuid });
  }
  return updated;
}

const duplicate =
  ({ uuid, name }: Pick<Runbook, 'uuid' | 'name'>) =>
  (error: unknown): never => {
    switch (uniqueColumn(error)) {
      case 'runbooks.uuid':
        throw registeredError('RunbookAlreadyExists', { uuid });
      case 'runbooks.name':
        throw registeredError('RunbookDuplicateName', { name });
      default:
        throw error;
    }
  };
