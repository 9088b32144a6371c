// Routes of a runbook's traits: on which nodes it may be run.
import { RUNBOOK_TRAITS_SINCE, registeredError, runbookResource } from '@wrought/contract';
import { runbookFromRow, runbookTable } from '../../store/runbooks.ts';
import { recorded } from '../core/recorded.ts';
import { type ApiRequest, noContent, okJson, type Route } from '../core/route.ts';
import { readTraitOfPath, readTraits } from '../core/traits-body.ts';
import type { Services } from '../services.ts';
import { runbookRowOf } from './view.ts';

export function traitRoutes(services: Services): readonly Route[] {
  const all = `/v1/${runbookResource.collection}/:runbook/traits`;
  const one = `${all}/:trait`;
  const get = { since: RUNBOOK_TRAITS_SINCE, policy: { onObject: 'baremetal:runbook:get' } } as const;
  const update = { since: RUNBOOK_TRAITS_SINCE, policy: { onObject: 'baremetal:runbook:update' } } as const;

  /** Changes the traits by `compute`, inside one transaction, so that none is lost. */
  async function change(request: ApiRequest, compute: (traits: readonly string[]) => readonly string[]): Promise<void> {
    const asked = await runbookRowOf(request, services, 'baremetal:runbook:update');
    const { id, uuid } = asked;
    await recorded(services, { object: 'runbook', action: 'update', asked }, async (trx) => {
      const row = await runbookTable.findById(trx, id);
      if (row === undefined) {
        throw registeredError('RunbookNotFound', { runbook: uuid });
      }
      const traits = [...new Set(compute(runbookFromRow(row).traits))].sort();
      return runbookTable.update(trx, id, { traits });
    });
  }

  return [
    {
      ...get,
      method: 'GET',
      path: all,
      async handle(request) {
        const row = await runbookRowOf(request, services, 'baremetal:runbook:get');
        return okJson({ traits: runbookFromRow(row).traits });
      },
    },
    {
      ...update,
      method: 'PUT',
      path: all,
      async handle(request) {
        const traits = readTraits(request.body);
        await change(request, () => traits);
        return noContent;
      },
    },
    {
      ...update,
      method: 'PUT',
      path: one,
      async handle(request) {
        const added = readTraitOfPath(request);
        await change(request, (traits) => [...traits, added]);
        const { base, params } = request;
        return { status: 204, headers: { Location: `${base}/v1/runbooks/${params.runbook}/traits/${added}` } };
      },
    },
    {
      ...update,
      method: 'DELETE',
      path: all,
      async handle(request) {
        await change(request, () => []);
        return noContent;
      },
    },
    {
      ...update,
      method: 'DELETE',
      path: one,
      // A trait that it does not have is gone already.
      async handle(request) {
        await change(request, (traits) => traits.filter((name) => name !== request.params.trait));
        return noContent;
      },
    },
  ];
}
