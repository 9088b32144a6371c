// BIOS attributes, of now and of the next boot, their registry, and the reset to what the machine left the factory with (schema Bios).
import type { RedfishBmc } from '../bmc.ts';
import { asObject } from '../http/checks.ts';
import { type Message, messageBody, Problem } from '../http/problem.ts';
import type { BiosAttribute, Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { Answer, Body, Call, Route } from '../types.ts';
import { link, resource, root, typeOf } from './shape.ts';
import { startTask } from './tasks.ts';

type Values = Readonly<Record<string, unknown>>;

class Bios {
  readonly #model: Model;
  #changed: Values = {};
  /** What counts from the next boot on. */
  pending: Values = {};
  resetsAtBoot = false;

  constructor(model: Model) {
    this.#model = model;
  }

  get values(): Values {
    const made = Object.fromEntries(this.#model.bios.attributes.map(({ name, value }) => [name, value]));
    return { ...made, ...this.#changed };
  }

  boot(): void {
    if (this.resetsAtBoot) this.#changed = {};
    this.resetsAtBoot = false;
    this.#changed = { ...this.#changed, ...this.pending };
    this.pending = {};
  }
}

export const biosOf = perBmc((bmc) => new Bios(bmc.model));

function faultOf(attribute: BiosAttribute | undefined, name: string, value: unknown): Message | undefined {
  const related = [`#/Attributes/${name}`];
  const args = [typeof value === 'string' ? value : JSON.stringify(value), name];
  if (attribute === undefined) return { key: 'PropertyUnknown', args: [name], related };
  if (attribute.readOnly) return { key: 'PropertyNotWritable', args: [name], related };
  if (typeof value !== typeof attribute.value) return { key: 'PropertyValueTypeError', args, related };
  if (attribute.values !== undefined && !attribute.values.includes(String(value))) {
    return { key: 'PropertyValueNotInList', args, related };
  }
  const [least, most] = attribute.bounds ?? [];
  if (least !== undefined && most !== undefined && (Number(value) < least || Number(value) > most)) {
    return { key: 'PropertyValueOutOfRange', args, related };
  }
  return undefined;
}

/** What a PATCH of the settings resource wants. @throws Problem 400 with a message for each attribute that is wrong */
function checkedAttributes({ bmc, body }: Call): Body {
  const given = asObject(body.Attributes);
  const unknown = Object.keys(body).find((name) => name !== 'Attributes' && !name.startsWith('@'));
  if (unknown !== undefined) throw new Problem(400, [{ key: 'PropertyUnknown', args: [unknown] }]);
  if (given === undefined) throw new Problem(400, [{ key: 'PropertyMissing', args: ['Attributes'] }]);
  const { attributes, applyTimes } = bmc.model.bios;
  const messages = Object.entries(given).flatMap(([name, value]) => {
    const fault = faultOf(
      attributes.find((each) => each.name === name),
      name,
      value,
    );
    return fault === undefined ? [] : [fault];
  });
  const applyTime = asObject(body['@Redfish.SettingsApplyTime'])?.ApplyTime;
  if (applyTime !== undefined && !applyTimes.includes(String(applyTime))) {
    messages.push({ key: 'PropertyValueNotInList', args: [String(applyTime), 'ApplyTime'] });
  }
  if (messages.length > 0) throw new Problem(400, messages);
  return given;
}

function change(call: Call): Answer | undefined {
  const { bmc, body } = call;
  const bios = biosOf(bmc);
  bios.pending = { ...bios.pending, ...checkedAttributes(call) };
  const hasApplyTime = body['@Redfish.SettingsApplyTime'] !== undefined;
  if (bmc.model.bios.task && hasApplyTime) {
    return startTask(bmc, { name: 'BIOS configuration', waitsForBoot: true, effect: () => {} });
  }
  // iLO says in the body of a success that a reset is owed.
  if (bmc.model.name !== 'ilo') return undefined;
  return {
    status: 200,
    body: {
      error: {
        code: 'iLO.0.10.ExtendedInfo',
        message: 'See the messages.',
        '@Message.ExtendedInfo': [{ MessageId: 'iLO.2.14.SystemResetRequired' }],
      },
    },
  };
}

function resetBios({ bmc }: Call): Answer | undefined {
  const bios = biosOf(bmc);
  bios.pending = {};
  bios.resetsAtBoot = true;
  if (bmc.model.name !== 'generic') return undefined;
  const args = [`${root}/Systems/${bmc.model.ids.system}/Actions/ComputerSystem.Reset`, 'ForceRestart'];
  return { status: 200, body: { '@Message.ExtendedInfo': [messageBody(bmc.model, { key: 'ResetRequired', args })] } };
}

/** The name of the registry without its version, as its resource is called. */
export const registryId = ({ bios }: Model): string => bios.registry.replace(/\.v?\d.*$/, '');

export function biosRoutes(model: Model): readonly Route[] {
  const { bios } = model;
  const path = `${root}/${bios.path}`;
  const settingsPath = `${path}/${bios.settings}`;
  const slash = bios.slashed ? '/' : '';
  const current = (bmc: RedfishBmc): Body => ({
    ...resource(model, 'Bios', path.split('/').at(-1) ?? '', 'BIOS Configuration Current Settings'),
    AttributeRegistry: bios.registry,
    Attributes: biosOf(bmc).values,
    ...(model.name === 'openbmc' ? { ResetBiosToDefaultsPending: biosOf(bmc).resetsAtBoot } : {}),
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_3_3.Settings',
      SettingsObject: link(`${settingsPath}${slash}`),
      ...(bios.applyTimes.length === 0 ? {} : { SupportedApplyTimes: bios.applyTimes }),
    },
    Actions: {
      '#Bios.ResetBios': { target: `${root}/${bios.resetTarget}${slash}` },
    },
  });
  const pending = (bmc: RedfishBmc): Body => ({
    ...resource(model, 'Bios', bios.settings, 'BIOS Configuration Pending Settings'),
    AttributeRegistry: bios.registry,
    Attributes: bios.showsAll ? { ...biosOf(bmc).values, ...biosOf(bmc).pending } : biosOf(bmc).pending,
  });
  return [
    { path, get: ({ bmc }) => current(bmc) },
    { path: settingsPath, get: ({ bmc }) => pending(bmc), patch: change },
    { path: `${root}/${bios.resetTarget}`, post: resetBios },
  ];
}

function registryEntry(attribute: BiosAttribute): Body {
  const { name, display, value, values, bounds, readOnly = false } = attribute;
  const kinds = { string: 'String', number: 'Integer', boolean: 'Boolean' } as const;
  return {
    AttributeName: name,
    DisplayName: display,
    HelpText: display,
    Type: values === undefined ? kinds[typeof value as keyof typeof kinds] : 'Enumeration',
    CurrentValue: null,
    DefaultValue: value,
    ReadOnly: readOnly,
    Hidden: false,
    Immutable: false,
    ResetRequired: true,
    MenuPath: './',
    DisplayOrder: 0,
    ...(values === undefined ? {} : { Value: values.map((each) => ({ ValueName: each, ValueDisplayName: each })) }),
    ...(bounds === undefined ? {} : { LowerBound: bounds[0], UpperBound: bounds[1], ScalarIncrement: 1 }),
    ...(typeof value === 'string' && values === undefined ? { MinLength: 0, MaxLength: 63 } : {}),
  };
}

/** The registry of the attributes (schema AttributeRegistry). */
export const attributeRegistry = (model: Model): Body => ({
  ...typeOf(model, 'AttributeRegistry'),
  Id: model.bios.registry,
  Name: 'BIOS Attribute Registry',
  Language: 'en',
  OwningEntity: model.manufacturer,
  RegistryVersion: '1.0.0',
  SupportedSystems: [{ ProductName: model.systemModel, SystemId: model.sku, FirmwareVersion: model.biosVersion }],
  RegistryEntries: { Attributes: model.bios.attributes.map(registryEntry), Dependencies: [], Menus: [] },
});
