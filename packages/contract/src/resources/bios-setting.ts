// The fields of a setting of a node's BIOS.
import { field, resource } from '../field.ts';
import { links, serverFlag, serverInteger, serverList, serverText, time } from './value.ts';

/** Version that brought what the BIOS says about a setting besides its value, and the choice of fields in lists. */
export const BIOS_REGISTRY_SINCE = 74;

const registry = { since: BIOS_REGISTRY_SINCE } as const;

export const biosSettingResource = resource({
  name: 'BIOS setting',
  collection: 'bios',
  since: 40,
  fields: {
    created_at: field(time, { since: 40, shown: 'list' }),
    updated_at: field(time, { since: 40, shown: 'list' }),
    name: field(serverText, { since: 40, shown: 'list' }),
    value: field(serverText, { since: 40, shown: 'list' }),
    links: field(links, { since: 40, shown: 'list' }),
    attribute_type: field(serverText, registry),
    allowable_values: field(serverList, registry),
    lower_bound: field(serverInteger, registry),
    upper_bound: field(serverInteger, registry),
    min_length: field(serverInteger, registry),
    max_length: field(serverInteger, registry),
    read_only: field(serverFlag, registry),
    reset_required: field(serverFlag, registry),
    unique: field(serverFlag, registry),
  },
});
