// The names of traits: standard ones, or CUSTOM_ and a name of one's own.
import { standardTraits } from './standard-traits.ts';
import { list, type ValueType } from './value.ts';

const CUSTOM = /^CUSTOM_[A-Z0-9_]+$/;
const TRAIT_MAXIMUM = 255;

/** Whether the text is a trait name. */
export function isTrait(text: string): boolean {
  return text.length <= TRAIT_MAXIMUM && (CUSTOM.test(text) || standardTraits.has(text));
}

export const trait: ValueType = {
  kind: 'text',
  nullable: false,
  allowed: 'CUSTOM_ followed by A-Z 0-9 _ (at most 255 characters), or a standard trait',
  read: (value) => (typeof value === 'string' && isTrait(value) ? { ok: true, value } : { ok: false }),
};

/** A list of traits. */
export const traitList: ValueType = list((value) => {
  const wrong = value.findIndex((item) => typeof item !== 'string' || !isTrait(item));
  return wrong < 0 ? { ok: true, value } : { ok: false, at: `[${wrong}]`, found: value[wrong], allowed: trait.allowed };
}, 'a list of traits');
