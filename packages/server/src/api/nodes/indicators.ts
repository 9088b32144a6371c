// Routes of a node's indicators, which are named INDICATOR@COMPONENT.
import {
  type IndicatorComponent,
  type IndicatorTarget,
  indicatorComponents,
  indicatorTargets,
  oneOf,
  registeredError,
} from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { noContent, okJson, type Route } from '../core/route.ts';
import { linksJson } from '../core/serialize.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const body = { state: { type: oneOf(indicatorTargets), required: true } } as const;

/** @throws RegisteredError 400 for a name that is no INDICATOR@COMPONENT */
function readName(name: string): { indicator: string; component: IndicatorComponent } {
  const [indicator = '', component = '', ...more] = name.split('@');
  const known = indicatorComponents.find((each) => each === component);
  if (indicator === '' || known === undefined || more.length > 0) {
    throw registeredError('InvalidParameterValue', {
      reason: `The indicator "${name}" is no INDICATOR@COMPONENT; components: ${indicatorComponents.join(', ')}.`,
    });
  }
  return { indicator, component: known };
}

// Clients of every version may use these routes, although the API names 1.63 for them.
export function indicatorRoutes(services: Services): readonly Route[] {
  const { call } = services.doors;
  const all = '/v1/nodes/:node/management/indicators';
  const one = `${all}/:indicator`;
  return [
    {
      method: 'GET',
      path: all,
      policy: { onObject: 'baremetal:node:get_indicator_state' },
      handle: async (request) => {
        const node = await nodeOf(services, request);
        const indicators = await call.indicators(node);
        return okJson({
          indicators: indicators.map(({ name, component, readonly, states }) => {
            const path = `nodes/${node.uuid}/management/indicators/${name}@${component}`;
            const links = JSON.parse(linksJson(request.base, path));
            return { name: `${name}@${component}`, component, readonly, states, links };
          }),
        });
      },
    },
    {
      method: 'GET',
      path: one,
      policy: { onObject: 'baremetal:node:get_indicator_state' },
      handle: async (request) => {
        const node = await nodeOf(services, request);
        const { indicator, component } = readName(request.params.indicator ?? '');
        return okJson({ state: await call.getIndicator(node, component, indicator) });
      },
    },
    {
      method: 'PUT',
      path: one,
      takes: { members: body },
      policy: { onObject: 'baremetal:node:set_indicator_state' },
      query: Object.keys(body),
      handle: async (request) => {
        const { state } = readArguments(request, body) as { state: IndicatorTarget };
        const node = await nodeOf(services, request);
        const { indicator, component } = readName(request.params.indicator ?? '');
        await call.setIndicator(node, component, indicator, state);
        return noContent;
      },
    },
  ];
}
