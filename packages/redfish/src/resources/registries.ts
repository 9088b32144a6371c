// Registries of a service: found by name, in the wanted language (MessageRegistryFile, AttributeRegistry schemas).
import type { CallOptions, Client } from '../client.ts';
import { RedfishError } from '../errors.ts';
import type { Fields } from '../fields.ts';
import type { Resource } from '../resource.ts';

/** The place of a registry inside the service: English where there is a choice, else the first. */
function uriOf(file: Resource): string | undefined {
  const places = file.objects('Location').filter((place) => place.text('Uri') !== undefined);
  return (places.find((place) => /^en\b|^default$/i.test(place.text('Language') ?? '')) ?? places[0])?.text('Uri');
}

/** Names such as `BiosAttributeRegistry.v1_0_0` and `BiosAttributeRegistry.1.0.0` mean one thing. */
const plain = (name: string | undefined) => (name ?? '').replace(/\.v?\d+[._]\d+([._]\d+)?$/i, '').toLowerCase();

/**
 * Reads a registry by its name.
 *
 * @returns undefined when the service does not have it, or keeps it where only the Internet reaches.
 */
export async function readRegistry(
  client: Client,
  name: string,
  options: CallOptions = {},
): Promise<Resource | undefined> {
  const collection = (await client.root(options)).link('Registries');
  if (collection === undefined) return undefined;
  const files = await client.members(collection, options);
  const file =
    files.find((each) => each.id === name || each.text('Registry') === name) ??
    files.find((each) => plain(each.text('Registry') ?? each.id) === plain(name) || plain(each.id) === plain(name));
  const uri = file === undefined ? undefined : uriOf(file);
  if (uri === undefined) return undefined;
  try {
    return await client.get(uri, options);
  } catch (error) {
    if (!(error instanceof RedfishError) || options.signal?.aborted) throw error;
    client.onOddity({ path: uri, property: '', expected: `the registry ${name}`, found: error.message });
    return undefined;
  }
}

/** One attribute as a registry describes it. */
export interface AttributeDescription {
  readonly name: string;
  readonly displayName: string | undefined;
  /** `Enumeration`, `String`, `Integer`, `Boolean` or `Password`. */
  readonly type: string | undefined;
  readonly isReadOnly: boolean | undefined;
  readonly isUnique: boolean | undefined;
  readonly isResetRequired: boolean | undefined;
  readonly defaultValue: unknown;
  readonly allowedValues: readonly string[];
  readonly lowerBound: number | undefined;
  readonly upperBound: number | undefined;
  readonly minimumLength: number | undefined;
  readonly maximumLength: number | undefined;
}

const described = (attribute: Fields, name: string): AttributeDescription => ({
  name,
  displayName: attribute.text('DisplayName'),
  type: attribute.text('Type'),
  isReadOnly: attribute.boolean('ReadOnly'),
  isUnique: attribute.boolean('IsSystemUniqueProperty'),
  isResetRequired: attribute.boolean('ResetRequired'),
  defaultValue: attribute.value('DefaultValue'),
  allowedValues: attribute
    .objects('Value')
    .map((each) => each.string('ValueName'))
    .filter((each) => each !== undefined),
  lowerBound: attribute.number('LowerBound'),
  upperBound: attribute.number('UpperBound'),
  minimumLength: attribute.number('MinLength'),
  maximumLength: attribute.number('MaxLength'),
});

/** Reads the attributes that a registry describes, by name. */
export function readAttributes(registry: Resource): Map<string, AttributeDescription> {
  const found = new Map<string, AttributeDescription>();
  for (const attribute of registry.object('RegistryEntries')?.objects('Attributes') ?? []) {
    const name = attribute.text('AttributeName');
    if (name !== undefined) found.set(name, described(attribute, name));
  }
  return found;
}
