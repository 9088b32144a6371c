// The fields of volume connectors and volume targets: how a machine reaches storage on the network, and which volumes it gets.
import { field, resource } from '../field.ts';
import { integer, links, object, text, time, uuid } from './value.ts';

const both = ['create', 'patch'] as const;

/** Version that brought volumes. */
export const VOLUME_SINCE = 32;

const common = {
  uuid: field(uuid, { since: VOLUME_SINCE, shown: 'list', write: ['create'] }),
  node_uuid: field(uuid, { since: VOLUME_SINCE, shown: 'list', write: both, required: true, sort: false }),
} as const;

const ending = {
  links: field(links, { since: VOLUME_SINCE, shown: 'list' }),
  extra: field(object(), { since: VOLUME_SINCE, write: both }),
  created_at: field(time, { since: VOLUME_SINCE }),
  updated_at: field(time, { since: VOLUME_SINCE }),
} as const;

const filters = { node: { since: VOLUME_SINCE } } as const;

/** A required text that lists show. */
function shownText(maximum: number) {
  return field(text(maximum, { minimum: 1 }), { since: VOLUME_SINCE, shown: 'list', write: both, required: true });
}

export const volumeConnectorResource = resource({
  name: 'volume connector',
  collection: 'connectors',
  since: VOLUME_SINCE,
  fields: { ...common, type: shownText(32), connector_id: shownText(255), ...ending },
  filters,
});

export const volumeTargetResource = resource({
  name: 'volume target',
  collection: 'targets',
  since: VOLUME_SINCE,
  fields: {
    ...common,
    volume_type: shownText(64),
    boot_index: field(integer, { since: VOLUME_SINCE, shown: 'list', write: both, required: true }),
    volume_id: shownText(36),
    properties: field(object(), { since: VOLUME_SINCE, write: both, masked: true }),
    ...ending,
  },
  filters,
});
