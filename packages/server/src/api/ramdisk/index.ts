// The routes that the agent in the ramdisk calls.
import { registeredError } from '@wrought/contract';
import type { ApiRequest, Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { continueInspection } from './continue-inspection.ts';
import { heartbeat, heartbeatBody } from './heartbeat.ts';
import { lookupHandler } from './lookup.ts';

/** Version that brought lookup and heartbeat. */
const RAMDISK_SINCE = 22;

export function ramdiskRoutes(services: Services): readonly Route[] {
  const common = { since: RAMDISK_SINCE, tooOld: 'fault 404' } as const;
  const lookup = lookupHandler(services);
  const whenEnabled =
    <Result>(handle: (request: ApiRequest) => Result) =>
    (request: ApiRequest) => {
      if (!services.config().api.enable_ramdisk_endpoints) {
        throw registeredError('HTTPForbidden', {
          reason: 'lookup, heartbeat and continue_inspection are switched off here (api.enable_ramdisk_endpoints).',
        });
      }
      return handle(request);
    };
  return [
    {
      ...common,
      method: 'GET',
      path: '/v1/lookup',
      policy: { rule: 'baremetal:driver:ipa_lookup' },
      query: ['addresses', 'node_uuid'],
      handle: whenEnabled(lookup),
    },
    {
      ...common,
      method: 'POST',
      path: '/v1/heartbeat/:node',
      takes: { members: heartbeatBody },
      policy: { rule: 'baremetal:node:ipa_heartbeat' },
      handle: whenEnabled((request) => heartbeat(request, services)),
    },
    {
      method: 'POST',
      path: '/v1/continue_inspection',
      policy: { rule: 'baremetal:driver:ipa_continue_inspection' },
      query: ['node_uuid'],
      bodyLimit: 'inspection',
      handle: whenEnabled((request) => continueInspection(request, services)),
    },
    {
      ...common,
      method: 'POST',
      path: '/v1/heartbeat',
      policy: 'anyone',
      query: null,
      handle: () => {
        throw registeredError('MissingParameterValue', { reason: 'Name the node in the path: /v1/heartbeat/{node}.' });
      },
    },
  ];
}
