// The identify light of the chassis as an indicator: for people who look for the machine in the rack.
import { type IndicatorComponent, registeredError } from '@wrought/contract';
import type { IndicatorPanel } from '../kit/index.ts';
import type { IpmiBackend } from './backend.ts';

const light = { name: 'identify', component: 'chassis', readonly: false, states: ['off', 'on'] } as const;

/** @throws InvalidParameterValue for any other light */
function checkLight(component: IndicatorComponent, name: string): void {
  if (component !== light.component || name !== light.name) {
    throw registeredError('InvalidParameterValue', {
      reason: `There is no indicator "${name}@${component}"; a machine with an IPMI BMC has: ${light.name}@${light.component}.`,
    });
  }
}

/** The panel with that one light. */
export function identifyLight(backend: IpmiBackend): IndicatorPanel {
  return {
    list: async () => [{ ...light, states: [...light.states] }],
    async get(task, component, name) {
      checkLight(component, name);
      return backend.identifyState(task);
    },
    async set(task, component, name, state) {
      checkLight(component, name);
      await backend.identify(task, state === 'on');
    },
  };
}
