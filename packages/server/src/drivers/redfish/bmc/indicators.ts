// The lights of a machine, by which a person finds it: those of its system and of the chassis that it is in.

import {
  type Indicator,
  type IndicatorComponent,
  type IndicatorState,
  type IndicatorTarget,
  registeredError,
} from '@wrought/contract';
import {
  chassisOf,
  hasIndicator,
  type Indicator as Light,
  type Resource,
  readIndicator,
  setIndicator,
} from '@wrought/redfish';
import type { IndicatorPanel } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

const states: Readonly<Record<Light, IndicatorState>> = { Lit: 'on', Blinking: 'blinking', Off: 'off' };
const lights: Readonly<Record<IndicatorTarget, Light>> = { on: 'Lit', blinking: 'Blinking', off: 'Off' };

interface Place {
  readonly component: IndicatorComponent;
  readonly resource: Resource;
}

async function places({ client, system, signal }: Bmc): Promise<Place[]> {
  const ofSystem = await system();
  const chassis = await chassisOf(client, ofSystem, { signal });
  const all: Place[] = [
    ...chassis.map((resource) => ({ component: 'chassis' as const, resource })),
    { component: 'system', resource: ofSystem },
  ];
  return all.filter(({ resource }) => hasIndicator(resource));
}

/** @throws InvalidParameterValue when there is no such light */
async function find(bmc: Bmc, component: IndicatorComponent, name: string): Promise<Resource> {
  const all = await places(bmc);
  const found = all.find((each) => each.component === component && each.resource.id === name);
  if (found === undefined) {
    const known = all.map((each) => `${each.resource.id}@${each.component}`);
    throw registeredError('InvalidParameterValue', {
      reason: `There is no indicator "${name}@${component}"; the machine has: ${known.join(', ') || 'none'}.`,
    });
  }
  return found.resource;
}

function described({ component, resource }: Place): Indicator {
  // The newer property knows no difference between lit and blinking.
  const isSwitch = resource.has('LocationIndicatorActive');
  return {
    name: resource.id,
    component,
    readonly: false,
    states: isSwitch ? ['off', 'blinking'] : ['off', 'on', 'blinking'],
  };
}

/** The panel of the management interface. */
export function redfishIndicators({ perform }: RedfishCalls): IndicatorPanel {
  return {
    list: (task) => perform(task, 'list indicators', async (bmc) => (await places(bmc)).map(described)),
    get: (task, component, name) =>
      perform(task, 'get indicator', async (bmc) => {
        const state = readIndicator(await find(bmc, component, name));
        return state === undefined ? 'unknown' : states[state];
      }),
    set: (task, component, name, state) =>
      perform(task, 'set indicator', async (bmc) => {
        await setIndicator(bmc.client, await find(bmc, component, name), lights[state], { signal: bmc.signal });
      }),
  };
}
