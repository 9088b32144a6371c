// The lights of a machine, by which a person finds it: those of its system, of the chassis that it is in, and of its drives.

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
  listStorage,
  type Resource,
  readDrives,
  readIndicator,
  setIndicator,
} from '@wrought/redfish';
import type { IndicatorPanel } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

const states: Readonly<Record<Light, IndicatorState>> = { Lit: 'on', Blinking: 'blinking', Off: 'off' };
const lights: Readonly<Record<IndicatorTarget, Light>> = { on: 'Lit', blinking: 'Blinking', off: 'Off' };

interface Place {
  readonly component: IndicatorComponent;
  readonly name: string;
  readonly resource: Resource;
}

/** Drives by their ids; where two have the same one, with that of their storage before it. */
async function drivePlaces({ client, signal }: Bmc, system: Resource): Promise<Place[]> {
  const found: { readonly storage: string; readonly resource: Resource }[] = [];
  for (const storage of await listStorage(client, system, { signal })) {
    const drives = await readDrives(client, storage, { signal });
    found.push(...drives.map(({ resource }) => ({ storage: storage.id, resource })));
  }
  const isUnique = (id: string) => found.filter(({ resource }) => resource.id === id).length === 1;
  return found.map(({ storage, resource }) => ({
    component: 'disk',
    name: isUnique(resource.id) ? resource.id : `${storage}:${resource.id}`,
    resource,
  }));
}

/** The lights of a component, or all of them. */
async function places(bmc: Bmc, component?: IndicatorComponent): Promise<Place[]> {
  const { client, signal } = bmc;
  const system = await bmc.system();
  const isWanted = (each: IndicatorComponent) => component === undefined || component === each;
  const chassis = isWanted('chassis') ? await chassisOf(client, system, { signal }) : [];
  const all: Place[] = [
    ...chassis.map((resource) => ({ component: 'chassis' as const, name: resource.id, resource })),
    ...(isWanted('system') ? [{ component: 'system' as const, name: system.id, resource: system }] : []),
    ...(isWanted('disk') ? await drivePlaces(bmc, system) : []),
  ];
  return all.filter(({ resource }) => hasIndicator(resource));
}

/** @throws InvalidParameterValue when there is no such light */
async function find(bmc: Bmc, component: IndicatorComponent, name: string): Promise<Resource> {
  const found = (await places(bmc, component)).find((each) => each.name === name);
  if (found === undefined) {
    const known = (await places(bmc)).map((each) => `${each.name}@${each.component}`);
    throw registeredError('InvalidParameterValue', {
      reason: `There is no indicator "${name}@${component}"; the machine has: ${known.join(', ') || 'none'}.`,
    });
  }
  return found.resource;
}

function described({ component, name, resource }: Place): Indicator {
  // The newer property knows no difference between lit and blinking.
  const isSwitch = resource.has('LocationIndicatorActive');
  return {
    name,
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
