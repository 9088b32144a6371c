// The system itself: who it is, its power, its boot override, its lights (schema ComputerSystem).
import { checkProperties, isBoolean, isOneOf, isText, type Writable } from '../http/checks.ts';
import { Problem, problem } from '../http/problem.ts';
import type { PowerChange } from '../machine/machine.ts';
import type { Model } from '../models/model.ts';
import type { At, Body, Call, Route } from '../types.ts';
import { choiceAction } from './actions.ts';
import { bootFields, bootOf, bootRoutes, checkBoot, checkOrder } from './boot.ts';
import { dellSystemLinks } from './dell-raid.ts';
import { firmwareOf } from './firmware.ts';
import { powerChanges } from './reset-types.ts';
import {
  chassisPath,
  collectionRoute,
  healthyWithRollup,
  link,
  links,
  managerPath,
  resource,
  root,
  systemPath,
} from './shape.ts';
import { store, withStored } from './stored.ts';

const isVain = (change: PowerChange, power: 'On' | 'Off') =>
  power === 'On' ? change === 'on' : change !== 'on' && change !== 'button';

async function reset({ bmc }: Call, type: string): Promise<undefined> {
  const change = powerChanges[type];
  if (change === undefined) throw new Error(`reset type ${type} of model ${bmc.model.name} has no meaning`);
  const { power } = bmc.machine;
  const { vainResets } = bmc.model.system;
  if (isVain(change, power) && vainResets !== undefined) {
    const own = power === 'On' ? vainResets.whenOn : vainResets.whenOff;
    throw new Problem(vainResets.status, [{ key: 'ResourceInStandby', own }]);
  }
  // Off is off, and a restart of a machine that is off is a power-on, as BMCs mostly have it.
  if (change === 'interrupt') {
    if (power === 'Off') throw problem(409, 'ResourceInStandby');
    bmc.tell({ what: 'interrupt' });
  }
  bootOf(bmc);
  await bmc.machine.change(change);
  return undefined;
}

/** Indicators in both of their forms, of which a model has one or both; they are one light, of system and chassis. */
export function indicatorsOf(at: At): Body {
  const { bmc } = at;
  const kept = withStored({ ...at, path: systemPath(bmc.model) }, { LocationIndicatorActive: false });
  const isLit = kept.LocationIndicatorActive === true;
  const all = { IndicatorLED: isLit ? 'Blinking' : 'Off', LocationIndicatorActive: isLit };
  return Object.fromEntries(bmc.model.system.indicators.map((name) => [name, all[name]]));
}

const ledStates = ['Lit', 'Blinking', 'Off'];

/** What of indicators may be written. */
export const indicatorFields = (model: Model): Writable => ({
  ...(model.system.indicators.includes('IndicatorLED') ? { IndicatorLED: isOneOf(ledStates) } : {}),
  ...(model.system.indicators.includes('LocationIndicatorActive') ? { LocationIndicatorActive: isBoolean } : {}),
});

/** Takes written indicators out of a body and keeps them: the light of a system is that of its chassis. */
export function storeIndicators(call: Call, { IndicatorLED, LocationIndicatorActive, ...rest }: Body): Body {
  const isLit = LocationIndicatorActive ?? (IndicatorLED === undefined ? undefined : IndicatorLED !== 'Off');
  if (isLit !== undefined) store({ ...call, path: systemPath(call.bmc.model) }, { LocationIndicatorActive: isLit });
  return rest;
}

function settingsLink({ boot, ...model }: Model): Body {
  if (boot.orderIn === 'system') return {};
  return {
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_3_0.Settings',
      SettingsObject: link(`${root}/Systems/${model.ids.system}/${boot.orderIn.settings}`),
      SupportedApplyTimes: ['OnReset'],
    },
  };
}

function systemBody(at: At, resetAction: Body): Body {
  const { bmc } = at;
  const { model } = bmc;
  const { system } = model;
  const path = systemPath(model);
  const below = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, link(`${path}/${name}`)]));
  return {
    ...resource(model, 'ComputerSystem', model.ids.system, 'System'),
    SystemType: 'Physical',
    Manufacturer: model.manufacturer,
    Model: model.systemModel,
    SKU: model.sku,
    SerialNumber: bmc.serialNumber,
    PartNumber: `${model.sku}-P`,
    UUID: bmc.uuid,
    AssetTag: '',
    HostName: '',
    BiosVersion: firmwareOf(bmc).versionOf('bios') ?? model.biosVersion,
    PowerState: bmc.machine.power,
    Status: healthyWithRollup,
    Boot: bootOf(bmc).body,
    ...settingsLink(model),
    ProcessorSummary: { Count: system.processorIds.length, Model: system.processorModel, Status: healthyWithRollup },
    MemorySummary: {
      TotalSystemMemoryGiB: (system.memoryIds.length * system.dimmMiB) / 1024,
      Status: healthyWithRollup,
    },
    ...below(['Processors', 'Memory', 'EthernetInterfaces', 'Storage', 'SecureBoot']),
    Bios: link(`${root}/${model.bios.path}${model.bios.slashed ? '/' : ''}`),
    ...(model.virtualMedia.systemLinksToManager ? { VirtualMedia: link(`${managerPath(model)}/VirtualMedia`) } : {}),
    ...(model.virtualMedia.drives.some(({ under }) => under === 'system') ? below(['VirtualMedia']) : {}),
    PCIeDevices: links([`${chassisPath(model)}/PCIeDevices/NIC`, `${chassisPath(model)}/PCIeDevices/Storage`]),
    Links: { Chassis: links([chassisPath(model)]), ManagedBy: links([managerPath(model)]), ...dellSystemLinks(model) },
    Actions: resetAction,
  };
}

export function systemRoutes(model: Model): readonly Route[] {
  const path = systemPath(model);
  const { system } = model;
  const resetAction = choiceAction(model, {
    ...{ path, name: 'ComputerSystem.Reset', parameter: 'ResetType', infoId: 'ResetActionInfo', isRequired: true },
    types: system.resetTypes,
    typesIn: system.resetTypesIn,
    run: (call, type) => reset(call, type ?? ''),
  });
  const writable: Writable = {
    AssetTag: isText,
    HostName: isText,
    ...indicatorFields(model),
    Boot: bootFields(model),
  };
  const read = (at: At): Body => {
    const { LocationIndicatorActive: _, ...body } = withStored(at, systemBody(at, resetAction.body));
    return { ...body, ...indicatorsOf(at) };
  };
  return [
    collectionRoute(`${root}/Systems`, 'ComputerSystem', 'Computer System Collection', [model.ids.system]),
    {
      path,
      get: read,
      patch: (call) => {
        const body = read(call);
        checkProperties(call.body, writable, body);
        const { Boot: boot, ...rest } = call.body as { Boot?: Body };
        if (boot !== undefined) {
          checkBoot(boot);
          checkOrder(model, boot.BootOrder);
          bootOf(call.bmc).change(boot);
        }
        const others = storeIndicators(call, rest);
        if (Object.keys(others).length > 0) store(call, others);
        return undefined;
      },
    },
    ...resetAction.routes,
    ...bootRoutes(model),
  ];
}
