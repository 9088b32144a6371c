// Reads the arguments of steps that set a BIOS up or update firmware.
import { type BiosSetting, type JsonObject, registeredError } from '@wrought/contract';

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

/** A firmware image for a component. */
export interface FirmwareWish {
  /** "bios", "bmc" or "nic:ID". */
  readonly component: string;
  readonly url: string;
  /** Seconds to wait after it; null: as configured. */
  readonly wait: number | null;
}

/** Throws InvalidParameterValue when the value is no list of components and URLs. */
export function readFirmwareWishes(value: unknown): readonly FirmwareWish[] {
  const example = '[{"component": "bmc", "url": "https://192.0.2.1/bmc-2.0.bin"}]';
  return items(value, 'component', example).map((item) => {
    const { component, url, wait = null } = item;
    if (typeof url !== 'string' || !URL.canParse(url)) {
      throw registeredError('InvalidParameterValue', {
        reason: `The url of component ${component} is ${JSON.stringify(url)}; allowed: an URL, such as in ${example}.`,
      });
    }
    if (wait !== null && !(Number.isInteger(wait) && (wait as number) >= 0)) {
      throw registeredError('InvalidParameterValue', {
        reason: `The wait of component ${component} is ${JSON.stringify(wait)}; allowed: whole seconds from 0 up.`,
      });
    }
    return { component: String(component), url, wait: wait as number | null };
  });
}
