// Reads the settings that steps of fake BIOS and firmware interfaces are asked to apply.
import { type BiosSetting, type FirmwareComponent, type JsonObject, registeredError } from '@wrought/contract';

function items(value: unknown, key: string, example: string): readonly JsonObject[] {
  const isList = Array.isArray(value);
  const wrong = isList ? value.find((item) => typeof item !== 'object' || typeof item?.[key] !== 'string') : value;
  if (!isList || wrong !== undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument settings has the invalid value ${JSON.stringify(wrong)}; allowed: a list such as ${example}.`,
    });
  }
  return value as readonly JsonObject[];
}

/** Throws InvalidParameterValue when the value is no list of names and values. */
export function readSettings(value: unknown): readonly BiosSetting[] {
  return items(value, 'name', '[{"name": "virtualization", "value": "on"}]').map((item) => ({
    name: String(item.name),
    value: item.value === undefined || item.value === null ? null : String(item.value),
  }));
}

/** Throws InvalidParameterValue when the value is no list of components and URLs. The file's name counts as the new version. */
export function readComponentSettings(value: unknown): readonly FirmwareComponent[] {
  return items(value, 'component', '[{"component": "bmc", "url": "https://192.0.2.1/bmc-2.0.bin"}]').map((item) => {
    const version =
      String(item.url ?? '')
        .split('/')
        .at(-1) || 'unknown';
    return { component: String(item.component), current_version: version, last_version_flashed: version };
  });
}
