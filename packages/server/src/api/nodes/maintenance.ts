// PUT and DELETE of a node's maintenance flag.
import { nullable, text } from '@wrought/contract';
import type { NodeChanges } from '../../store/nodes.ts';
import { readArguments } from '../core/body-arguments.ts';
import { type Answer, type ApiRequest, accepted, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { changeNode } from './change.ts';
import { identArgument } from './ident-argument.ts';

const REASON_MAXIMUM = 4096;

const body = { reason: { type: nullable(text(REASON_MAXIMUM)) } } as const;

export function maintenanceRoutes(services: Services): readonly Route[] {
  const change = async (request: ApiRequest, changes: NodeChanges, ident?: string): Promise<Answer> => {
    await changeNode(services, request, 'maintenance', () => changes, ident);
    return accepted();
  };
  const set = (request: ApiRequest, ident?: string) => {
    const { node_ident: _, ...query } = request.query;
    const { reason } = readArguments({ ...request, query }, body) as { reason?: string | null };
    return change(request, { maintenance: true, maintenance_reason: reason ?? null }, ident);
  };
  const clear = (request: ApiRequest, ident?: string) =>
    change(request, { maintenance: false, maintenance_reason: null, fault: null }, ident);
  return [
    {
      method: 'PUT',
      path: '/v1/nodes/:node/maintenance',
      policy: { onObject: 'baremetal:node:set_maintenance' },
      query: ['reason'],
      takes: { members: body },
      handle: (request) => set(request),
    },
    {
      method: 'DELETE',
      path: '/v1/nodes/:node/maintenance',
      policy: { onObject: 'baremetal:node:clear_maintenance' },
      handle: (request) => clear(request),
    },
    {
      method: 'PUT',
      path: '/v1/nodes/maintenance',
      policy: { onObject: 'baremetal:node:set_maintenance' },
      query: ['node_ident', 'reason'],
      handle: (request) => set(request, identArgument(request, ['node_ident'])),
    },
    {
      method: 'DELETE',
      path: '/v1/nodes/maintenance',
      policy: { onObject: 'baremetal:node:clear_maintenance' },
      query: ['node_ident'],
      handle: (request) => clear(request, identArgument(request, ['node_ident'])),
    },
  ];
}
