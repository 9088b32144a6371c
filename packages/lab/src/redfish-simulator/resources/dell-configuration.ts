// Dell's server configuration profiles: exported as JSON, and imported as JSON or XML, as far as BIOS attributes and the next boot go.
import type { RedfishBmc } from '../bmc.ts';
import { asObject, checkParameters, isObject, isOneOf, isText, isWhole } from '../http/checks.ts';
import { problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import type { Answer, Body, Call, Route } from '../types.ts';
import { biosOf } from './bios.ts';
import { bootOf } from './boot.ts';
import { managerPath } from './shape.ts';
import { startTask } from './tasks.ts';

const bios = 'BIOS.Setup.1-1';
const exportName = 'OemManager.ExportSystemConfiguration';
const importName = 'OemManager.ImportSystemConfiguration';
const targets = ['ALL', 'IDRAC', 'BIOS', 'NIC', 'RAID'];
const formats = ['XML', 'JSON'];
const uses = ['Default', 'Clone', 'Replace'];
const includes = ['Default', 'IncludeReadOnly', 'IncludePasswordHashValues', 'IncludeCustomTelemetry'];
const shutdowns = ['Graceful', 'Forced', 'NoReboot'];
const prefix = '#OemManager.v1_4_0.OemManager#';

const pathOf = (model: Model, name: string) => `${managerPath(model)}/Actions/Oem/EID_674_${name.replace('Oem', '')}`;

/** Both actions as the manager shows them. */
export function exportAction(model: Model): Body {
  const shareParameters = {
    'ShareType@Redfish.AllowableValues': ['LOCAL'],
    'Target@Redfish.AllowableValues': targets,
  };
  return {
    [`${prefix}${exportName}`]: {
      target: pathOf(model, exportName),
      'ExportFormat@Redfish.AllowableValues': ['JSON'],
      'ExportUse@Redfish.AllowableValues': uses,
      'IncludeInExport@Redfish.AllowableValues': includes,
      ShareParameters: shareParameters,
    },
    [`${prefix}${importName}`]: {
      target: pathOf(model, importName),
      'HostPowerState@Redfish.AllowableValues': ['On', 'Off'],
      'ShutdownType@Redfish.AllowableValues': shutdowns,
      ShareParameters: shareParameters,
    },
  };
}

interface Attribute {
  readonly component: string;
  readonly name: string;
  readonly value: string;
}

/** The configuration of now. */
function profileOf(bmc: RedfishBmc): Body {
  const attributes = Object.entries(biosOf(bmc).values).map(([Name, value]) => ({
    ...{ Name, Value: String(value), 'Set On Import': 'True', Comment: 'Read and Write' },
  }));
  return {
    SystemConfiguration: {
      Comments: [{ Comment: 'Export type is Normal,JSON,Selective' }],
      Model: bmc.model.systemModel,
      ServiceTag: bmc.serialNumber,
      Components: [{ FQDD: bios, Attributes: attributes }],
    },
  };
}

function attributesOfXml(text: string): readonly Attribute[] {
  return [...text.matchAll(/<Component\s+FQDD="([^"]*)"[^>]*>([\s\S]*?)<\/Component>/g)].flatMap(
    ([, component = '', inner = '']) =>
      [...inner.matchAll(/<Attribute\s+Name="([^"]*)"[^>]*>([^<]*)<\/Attribute>/g)].map(
        ([, name = '', value = '']) => ({
          ...{ component, name, value },
        }),
      ),
  );
}

function attributesOfJson(text: string): readonly Attribute[] | undefined {
  try {
    const components = asObject(asObject(JSON.parse(text))?.SystemConfiguration)?.Components;
    if (!Array.isArray(components)) return undefined;
    return components.flatMap((component: unknown) => {
      const { FQDD, Attributes } = asObject(component) ?? {};
      return (Array.isArray(Attributes) ? Attributes : []).flatMap((each: unknown) => {
        const { Name, Value, 'Set On Import': isSet = 'True' } = asObject(each) ?? {};
        if (typeof Name !== 'string' || isSet === 'False') return [];
        return [{ component: String(FQDD), name: Name, value: String(Value) }];
      });
    });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Boot devices by what `ServerBoot.1#FirstBootDevice` calls them. */
const bootDevices: Readonly<Record<string, string>> = { 'VCD-DVD': 'Cd', PXE: 'Pxe', HDD: 'Hdd', BIOS: 'BiosSetup' };

function apply(bmc: RedfishBmc, attributes: readonly Attribute[]): void {
  const known = bmc.model.bios.attributes;
  const wanted: Body = {};
  for (const { component, name, value } of attributes.filter((each) => each.component === bios)) {
    const attribute = known.find((each) => each.name === name);
    if (attribute === undefined) throw new Error(`${component} has no attribute ${name}`);
    wanted[name] = typeof attribute.value === 'number' ? Number(value) : value;
  }
  biosOf(bmc).pending = { ...biosOf(bmc).pending, ...wanted };
  const given = (name: string) => attributes.find((each) => each.name === name)?.value;
  const target = bootDevices[given('ServerBoot.1#FirstBootDevice') ?? ''];
  if (target === undefined) return;
  const isOnce = given('ServerBoot.1#BootOnce') !== 'Disabled';
  bootOf(bmc).change({ BootSourceOverrideTarget: target, BootSourceOverrideEnabled: isOnce ? 'Once' : 'Continuous' });
}

function exported({ bmc, body }: Call): Answer {
  checkParameters(
    exportName,
    body,
    {
      ...{ ExportFormat: isOneOf(formats), ShareParameters: isObject, ExportUse: isOneOf(uses) },
      IncludeInExport: (value) => (Array.isArray(value) ? undefined : isText(value)),
    },
    ['ExportFormat', 'ShareParameters'],
  );
  if (body.ExportFormat !== 'JSON') {
    throw problem(400, 'ActionParameterValueNotInList', String(body.ExportFormat), 'ExportFormat', exportName);
  }
  return startTask(bmc, { name: 'Export configuration', effect: () => {}, result: () => profileOf(bmc) });
}

function imported({ bmc, body }: Call): Answer {
  checkParameters(
    importName,
    body,
    {
      ...{ ImportBuffer: isText, ShareParameters: isObject, ShutdownType: isOneOf(shutdowns) },
      ...{ HostPowerState: isOneOf(['On', 'Off']), TimeToWait: isWhole(300, 3600), ExecutionMode: isText },
    },
    ['ImportBuffer'],
  );
  const text = String(body.ImportBuffer);
  const attributes = attributesOfJson(text) ?? attributesOfXml(text);
  return startTask(bmc, {
    name: 'Import configuration',
    effect: async () => {
      apply(bmc, attributes);
      const { pending } = biosOf(bmc);
      if (Object.keys(pending).length === 0 || body.ShutdownType === 'NoReboot') return;
      // The machine has to start for what waits, and goes off again after that.
      await bmc.machine.change('restart');
      if (body.HostPowerState === 'Off') await bmc.machine.change('off');
    },
  });
}

export const exportRoutes = (model: Model): readonly Route[] => [
  { path: pathOf(model, exportName), post: exported },
  { path: pathOf(model, importName), post: imported },
];
