// Shows runbooks: finds their rows once the policy allows it, and says how they are listed and written.
import { registeredError, runbookResource } from '@wrought/contract';
import { type RunbookRow, runbookTable } from '../../store/runbooks.ts';
import type { Database } from '../../store/store.ts';
import { findWithSuffix } from '../core/path.ts';
import type { Listing } from '../core/plain.ts';
import type { ApiRequest } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import type { RuleName } from '../policy/access.ts';
import type { Services } from '../services.ts';

const writer = serializer(runbookResource, { identity: 'uuid' });

/** How runbooks are listed and written. */
export function runbookListing(read: Database): Listing<RunbookRow> {
  return {
    of: runbookResource,
    path: runbookResource.collection,
    writer,
    findMarker: (marker, sortKey) => runbookTable.marker(read, marker, sortKey),
    // A name is a possible marker, and yet never found.
    markerIsName: true,
  };
}

/**
 * The runbook that the path (or `ident`) names, once `rule` allows it on it. A public one may be seen by everybody.
 * @throws RegisteredError 403, RunbookNotFound, also for who may not see it
 */
export async function runbookRowOf(
  { params, jsonSuffix, access }: ApiRequest,
  { store }: Pick<Services, 'store'>,
  rule: RuleName,
  ident = params.runbook ?? '',
): Promise<RunbookRow> {
  const row = await findWithSuffix(ident, jsonSuffix, (text) => runbookTable.findByIdent(store.read, text));
  const notFound = () => registeredError('RunbookNotFound', { runbook: ident });
  if (row === undefined) {
    throw notFound();
  }
  const target = { 'runbook.owner': row.owner };
  if (rule === 'baremetal:runbook:get' && row.public === 1 && !access.allows(rule, target)) {
    return row;
  }
  access.requireOn(target, 'baremetal:runbook:get', notFound, rule);
  return row;
}
