// The settings of a machine's BIOS as its Redfish service has them: attributes, and a registry that describes them.

import { type BiosSetting, registeredError } from '@wrought/contract';
import {
  type AttributeDescription,
  type Bios,
  pendingBiosAttributes,
  readBios,
  readBiosRegistry,
  resetBios,
  setBiosAttributes,
} from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import type { Shown } from '../step-by-reboot.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { untilTaken } from './tasks.ts';

type AttributeValue = string | number | boolean;

export interface RedfishBios {
  readSettings(task: Task): Promise<readonly BiosSetting[]>;
  /** Hands the settings that differ to the BMC; false when none does. @throws InvalidParameterValue */
  applySettings(task: Task, wanted: readonly BiosSetting[]): Promise<boolean>;
  lookAtSettings(task: Task, wanted: readonly BiosSetting[]): Promise<Shown>;
  resetSettings(task: Task): Promise<void>;
  lookAtReset(task: Task): Promise<Shown>;
}

const types = ['Enumeration', 'String', 'Integer', 'Boolean', 'Password'] as const;

function settingOf(name: string, value: unknown, description: AttributeDescription | undefined): BiosSetting {
  const plain = { name, value: value === null || value === undefined ? null : String(value) };
  if (description === undefined) {
    return plain;
  }
  return {
    ...plain,
    attribute_type: types.find((type) => type === description.type) ?? null,
    allowable_values: description.allowedValues.length === 0 ? null : description.allowedValues,
    lower_bound: description.lowerBound ?? null,
    upper_bound: description.upperBound ?? null,
    min_length: description.minimumLength ?? null,
    max_length: description.maximumLength ?? null,
    read_only: description.isReadOnly ?? null,
    reset_required: description.isResetRequired ?? null,
    unique: description.isUnique ?? null,
  };
}

function invalid({ node }: Task, name: string, value: unknown, allowed: string) {
  return registeredError('InvalidParameterValue', {
    reason: `The BIOS setting ${name} of node ${node.uuid} can not be ${JSON.stringify(value)}; allowed: ${allowed}.`,
  });
}

/** The value as the BMC takes it: settings of the API are text. @throws InvalidParameterValue */
function valueFor(
  task: Task,
  name: string,
  given: string | null,
  bios: Bios,
  description: AttributeDescription | undefined,
) {
  const current = bios.attributes[name];
  const text = given ?? '';
  if (current === undefined && description === undefined) {
    const near = Object.keys(bios.attributes).filter((each) => each.toLowerCase() === name.toLowerCase());
    throw invalid(
      task,
      name,
      given,
      `none, because the BIOS has no such setting${near.length > 0 ? `; it has ${near.join(', ')}` : ''}`,
    );
  }
  if (description?.isReadOnly === true && String(current) !== text) {
    throw invalid(task, name, given, `only ${JSON.stringify(current)}, because it can not be changed`);
  }
  const type = description?.type ?? typeof current;
  if (type === 'Integer' || type === 'number') {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    const { lowerBound: least = Number.NEGATIVE_INFINITY, upperBound: most = Number.POSITIVE_INFINITY } =
      description ?? {};
    if (!Number.isFinite(number) || number < least || number > most) {
      throw invalid(task, name, given, `a number from ${least} to ${most}`);
    }
    return number;
  }
  if (type === 'Boolean' || type === 'boolean') {
    if (!/^(true|false)$/i.test(text)) {
      throw invalid(task, name, given, 'true or false');
    }
    return /^true$/i.test(text);
  }
  const values = description?.allowedValues ?? [];
  if (type === 'Enumeration' && values.length > 0 && !values.includes(text)) {
    throw invalid(task, name, given, values.join(', '));
  }
  return text;
}

/** Those that differ from what the BIOS has. */
function differing(bios: Bios, wanted: Readonly<Record<string, AttributeValue>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => bios.attributes[name] !== value));
}

/** The BIOS part of a machine. */
export function redfishBios({ perform }: RedfishCalls): RedfishBios {
  const read = async ({ client, system, signal }: Bmc) => readBios(client, await system(), { signal });

  async function difference(bmc: Bmc, task: Task, wanted: readonly BiosSetting[]) {
    const bios = await read(bmc);
    const registry = await readBiosRegistry(bmc.client, bios, { signal: bmc.signal });
    const values = wanted.map(
      ({ name, value }) => [name, valueFor(task, name, value, bios, registry.get(name))] as const,
    );
    return { bios, rest: differing(bios, Object.fromEntries(values)) };
  }

  return {
    readSettings: (task) =>
      perform(task, 'read BIOS settings', async (bmc) => {
        const bios = await read(bmc);
        const registry = await readBiosRegistry(bmc.client, bios, { signal: bmc.signal });
        return Object.entries(bios.attributes).map(([name, value]) => settingOf(name, value, registry.get(name)));
      }),
    applySettings: (task, wanted) =>
      perform(task, 'set BIOS settings', async (bmc) => {
        const { bios, rest } = await difference(bmc, task, wanted);
        if (Object.keys(rest).length === 0) {
          return false;
        }
        const { client, signal } = bmc;
        await untilTaken(client, await setBiosAttributes(client, bios, rest, { signal }), signal);
        task.record({
          kind: 'bmc',
          message: `BIOS settings for the next boot: ${Object.keys(rest).join(', ')}.`,
          data: { settings: rest },
        });
        return true;
      }),
    lookAtSettings: (task, wanted) =>
      perform(task, 'look at BIOS settings', async (bmc) => {
        const { bios, rest } = await difference(bmc, task, wanted);
        const names = Object.keys(rest);
        if (names.length === 0) {
          return { kind: 'yes' };
        }
        const values = names.map((name) => `${name} is ${JSON.stringify(bios.attributes[name])}`).join(', ');
        const pending = await pendingBiosAttributes(bmc.client, bios, { signal: bmc.signal });
        const refusals = bios.settings.messages.filter(
          ({ severity }) => severity === 'Critical' || severity === 'Warning',
        );
        if (refusals.length > 0 && names.every((name) => pending[name] === undefined)) {
          const said = refusals.map(({ text, id }) => text ?? id).join(' ');
          return { kind: 'never', what: `The BIOS did not take all settings: ${values}. It says: ${said}` };
        }
        return { kind: 'not yet', what: values };
      }),
    resetSettings: (task) =>
      perform(task, 'reset BIOS', async (bmc) => {
        const { client, signal } = bmc;
        await untilTaken(client, await resetBios(client, await read(bmc), { signal }), signal);
        task.record({ kind: 'bmc', message: 'The BIOS goes back to the settings of the factory at the next boot.' });
      }),
    lookAtReset: (task) =>
      perform(task, 'look at BIOS reset', async (bmc) => {
        const pending = await pendingBiosAttributes(bmc.client, await read(bmc), { signal: bmc.signal });
        const names = Object.keys(pending);
        return names.length === 0 ? { kind: 'yes' } : { kind: 'not yet', what: `${names.length} settings are pending` };
      }),
  };
}
