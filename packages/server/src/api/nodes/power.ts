// PUT of a node's power state.
import {
  isPowerTarget,
  powerChangeRefusedStates,
  powerTargets,
  registeredError,
  text,
  type ValueType,
} from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { tooNew } from '../core/fields.ts';
import { type Answer, type ApiRequest, accepted, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

/** Version that brought the timeout of a power request. */
const TIMEOUT_SINCE = 27;

const seconds: ValueType = {
  kind: 'integer',
  nullable: false,
  allowed: 'a number of seconds from 1 up',
  read: (value) =>
    Number.isSafeInteger(Number(value)) && typeof value !== 'boolean' && Number(value) >= 1
      ? { ok: true, value: Number(value) }
      : { ok: false },
};

const body = { target: { type: text(255), required: true }, timeout: { type: seconds } } as const;

export function powerRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/v1/nodes/:node/states/power',
      takes: { members: body },
      policy: { onObject: 'baremetal:node:set_power_state' },
      query: Object.keys(body),
      handle: (request) => setPower(request, services),
    },
  ];
}

async function setPower(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor, base, params, requester } = request;
  const { target, timeout } = readArguments(request, body) as { target: string; timeout?: number };
  const node = await nodeOf(services, request);
  if (!isPowerTarget(target)) {
    throw registeredError('InvalidParameterValue', {
      reason: `The power target "${target}" does not exist; allowed: ${Object.keys(powerTargets).join(', ')}.`,
    });
  }
  const { since } = powerTargets[target];
  if (minor < since) {
    throw tooNew(`The power target "${target}"`, since, minor);
  }
  if (timeout !== undefined && minor < TIMEOUT_SINCE) {
    throw tooNew('The timeout of a power request', TIMEOUT_SINCE, minor);
  }
  if (powerChangeRefusedStates.has(node.provision_state)) {
    throw registeredError('InvalidStateRequested', {
      action: target,
      node: node.uuid,
      state: node.provision_state,
      hint: 'Wait until cleaning has ended, or abort it.',
    });
  }
  await services.doors.start.power({
    node,
    target,
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    requester,
  });
  return accepted(`${base}/v1/nodes/${params.node}/states`);
}
