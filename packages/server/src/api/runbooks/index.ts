// The routes of runbooks.
import { runbookResource } from '@wrought/contract';
import { listRunbookRows, runbookTable } from '../../store/runbooks.ts';
import { ownedPolicy, plainRoutes } from '../core/plain.ts';
import { booleanArgument } from '../core/query.ts';
import { recorded } from '../core/recorded.ts';
import type { Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { createRunbook, patchRunbook } from './change.ts';
import { traitRoutes } from './traits.ts';
import { runbookListing, runbookRowOf } from './view.ts';

export function runbookRoutes(services: Services): readonly Route[] {
  const { store } = services;
  return [
    ...plainRoutes(services, {
      ...runbookListing(store.read),
      parameter: 'runbook',
      policy: {
        ...ownedPolicy('runbook'),
        create: { rule: 'baremetal:runbook:create' },
        update: {
          byHandler: ['baremetal:runbook:update', 'baremetal:runbook:update:owner', 'baremetal:runbook:update:public'],
        },
      },
      filters: Object.keys(runbookResource.filters),
      tooOld: { others: 'framework 405' },
      async rows({ access, query }, page) {
        const allowed = access.listedProject();
        const own = booleanArgument(query, 'project') === true ? (access.project ?? undefined) : undefined;
        return listRunbookRows(store.read, allowed ?? own, page);
      },
      rowOf: (request) => runbookRowOf(request, services, 'baremetal:runbook:get'),
      create: (request) => createRunbook(request, services),
      patch: (request) => patchRunbook(request, services),
      async remove(request) {
        const row = await runbookRowOf(request, services, 'baremetal:runbook:delete');
        await recorded(services, { object: 'runbook', action: 'delete', asked: row }, (trx) =>
          runbookTable.delete(trx, row.id),
        );
      },
    }),
    ...traitRoutes(services),
  ];
}
