// The routes of our own about conductors: what each has to do, and whether it takes new work.
import { registeredError } from '@wrought/contract';
import { listMembers, setDraining } from '../../store/conductor-lease.ts';
import { countWork } from '../../store/runs.ts';
import { type ApiRequest, okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';

export function wroughtConductorRoutes({ store }: Services): readonly Route[] {
  async function drain({ params: { conductor = '' } }: ApiRequest, isDraining: boolean) {
    if (!(await store.transaction((trx) => setDraining(trx, conductor, isDraining)))) {
      throw registeredError('ConductorNotFound', { conductor });
    }
    return { status: 204 };
  }
  return [
    {
      method: 'GET',
      path: '/wrought/v1/conductors',
      policy: { rule: 'baremetal:conductor:get' },
      handle: async () => {
        const work = await countWork(store.read);
        const members = await listMembers(store.read);
        return okJson({
          conductors: members.map((member) => ({
            hostname: member.hostname,
            conductor_group: member.conductorGroup,
            drivers: member.drivers,
            alive: member.isAlive,
            draining: member.isDraining,
            internal_url: member.internalUrl,
            work: work.get(member.hostname) ?? 0,
          })),
        });
      },
    },
    {
      method: 'PUT',
      path: '/wrought/v1/conductors/:conductor/drain',
      policy: { rule: 'wrought:conductor:drain' },
      handle: (request) => drain(request, true),
    },
    {
      method: 'DELETE',
      path: '/wrought/v1/conductors/:conductor/drain',
      policy: { rule: 'wrought:conductor:drain' },
      handle: (request) => drain(request, false),
    },
  ];
}
