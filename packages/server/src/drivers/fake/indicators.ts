// The lights of a fake machine: one that only shows, and one that can be set.
import {
  type Indicator,
  type IndicatorComponent,
  type IndicatorState,
  type JsonObject,
  registeredError,
} from '@wrought/contract';
import type { IndicatorPanel, Task } from '../kit/index.ts';
import { pretend } from './pretend.ts';

const lights: readonly Indicator[] = [
  { name: 'led-0', component: 'chassis', readonly: true, states: ['off', 'on'] },
  { name: 'led', component: 'system', readonly: false, states: ['blinking', 'off', 'on'] },
];

/** Member of driver_internal_info that keeps what was set, by "name@component". */
const STATES_KEY = 'fake_indicators';

function statesOf({ node }: Task): JsonObject {
  const states = node.driver_internal_info[STATES_KEY];
  return typeof states === 'object' && states !== null ? (states as JsonObject) : {};
}

/** Throws InvalidParameterValue when there is no such light. */
function find(component: IndicatorComponent, name: string): Indicator {
  const found = lights.find((light) => light.component === component && light.name === name);
  if (found === undefined) {
    const known = lights.map((light) => `${light.name}@${light.component}`);
    throw registeredError('InvalidParameterValue', {
      reason: `There is no indicator "${name}@${component}"; a fake machine has: ${known.join(', ')}.`,
    });
  }
  return found;
}

export const indicators: IndicatorPanel = {
  list: async () => lights,
  async get(task, component, name) {
    await pretend(task, 'management');
    find(component, name);
    return (statesOf(task)[`${name}@${component}`] as IndicatorState | undefined) ?? 'on';
  },
  async set(task, component, name, state) {
    const light = find(component, name);
    if (light.readonly) {
      throw registeredError('InvalidParameterValue', {
        reason: `The indicator "${name}@${component}" can not be set: it only shows.`,
      });
    }
    await pretend(task, 'management');
    task.learn({
      driver_internal_info: { [STATES_KEY]: { ...statesOf(task), [`${name}@${component}`]: state } },
    });
  },
};
