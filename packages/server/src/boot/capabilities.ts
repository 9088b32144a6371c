// Capabilities of nodes and instances: "key:value,key:value" in properties, an object (or its JSON text) in instance_info.
import { type Node, registeredError } from '@wrought/contract';

type Capabilities = Readonly<Record<string, string>>;

/** The values that are checked, by capability. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  boot_mode: ['bios', 'uefi'],
  secure_boot: ['true', 'false'],
  disk_label: ['msdos', 'gpt'],
};

function fromText(text: string): Record<string, string> {
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const colon = pair.indexOf(':');
      return colon < 0 ? ([pair, ''] as const) : ([pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()] as const);
    });
  return Object.fromEntries(pairs);
}

function fromObject(value: object): Record<string, string> {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}

/** Capabilities of the machine; JSON objects are taken too. */
export function nodeCapabilities(node: Node): Capabilities {
  const value = node.properties.capabilities;
  if (typeof value === 'object' && value !== null) {
    return fromObject(value);
  }
  return typeof value === 'string' ? fromText(value) : {};
}

/**
 * Capabilities that the instance asks for.
 * @throws InvalidParameterValue when they are neither an object nor JSON text of one
 */
export function instanceCapabilities(node: Node): Capabilities {
  const value = node.instance_info.capabilities;
  if (value === undefined || value === null || value === '') {
    return {};
  }
  if (typeof value === 'object') {
    return fromObject(value);
  }
  try {
    const parsed: unknown = JSON.parse(String(value));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return fromObject(parsed);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  }
  throw registeredError('InvalidParameterValue', {
    reason: `instance_info/capabilities of node ${node.uuid} must be an object, or JSON text of one, but is ${JSON.stringify(value)}.`,
  });
}

/**
 * Checks the values that have a fixed set.
 * @throws InvalidParameterValue
 */
export function checkCapabilities(node: Node): void {
  for (const [where, capabilities] of [
    ['properties', nodeCapabilities(node)],
    ['instance_info', instanceCapabilities(node)],
  ] as const) {
    for (const [key, values] of Object.entries(allowed)) {
      const value = capabilities[key];
      if (value !== undefined && !values.includes(value.toLowerCase())) {
        throw registeredError('InvalidParameterValue', {
          reason: `${where}/capabilities of node ${node.uuid} holds ${key} "${value}"; allowed: ${values.join(', ')}.`,
        });
      }
    }
  }
}
