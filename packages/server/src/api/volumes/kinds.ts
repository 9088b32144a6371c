// What tells volume connectors and volume targets apart.
import {
  type RegisteredError,
  type Resource,
  registeredError,
  volumeConnectorResource,
  volumeTargetResource,
} from '@wrought/contract';
import { ownersOf } from '../../store/plain-table.ts';
import type { VolumeRow, VolumeTableName } from '../../store/volumes.ts';
import type { ApiRequest } from '../core/route.ts';
import { type Row, type RowWriter, serializer } from '../core/serialize.ts';
import { nodeTarget } from '../policy/access.ts';

/** Values of a connector or target as they stand in error texts. */
type Values = Readonly<Record<string, unknown>>;

export interface VolumeKind {
  readonly of: Resource;
  readonly table: VolumeTableName;
  /** Name of the path parameter. */
  readonly parameter: string;
  readonly writer: (minor: number, names: readonly string[]) => RowWriter;
  readonly notFound: (uuid: string) => RegisteredError;
  /** Errors by the column whose uniqueness a write broke. */
  readonly duplicates: Readonly<Record<string, (values: Values) => RegisteredError>>;
  readonly shown?: (row: VolumeRow, request: ApiRequest) => Row;
}

const connectors: VolumeKind = {
  of: volumeConnectorResource,
  table: 'volume_connectors',
  parameter: 'connector',
  writer: serializer(volumeConnectorResource, { identity: 'uuid' }),
  notFound: (connector) => registeredError('VolumeConnectorNotFound', { connector }),
  duplicates: {
    'volume_connectors.uuid': ({ uuid }) => registeredError('VolumeConnectorAlreadyExists', { uuid: String(uuid) }),
    'volume_connectors.type': ({ type, connector_id }) =>
      registeredError('VolumeConnectorTypeAndIdAlreadyExists', {
        type: String(type),
        connector_id: String(connector_id),
      }),
  },
};

const redacted = JSON.stringify({
  redacted_contents: 'Not shown: the policy rule baremetal:volume:view_target_properties does not allow it.',
});

const targets: VolumeKind = {
  of: volumeTargetResource,
  table: 'volume_targets',
  parameter: 'target',
  writer: serializer(volumeTargetResource, { identity: 'uuid' }),
  notFound: (target) => registeredError('VolumeTargetNotFound', { target }),
  duplicates: {
    'volume_targets.uuid': ({ uuid }) => registeredError('VolumeTargetAlreadyExists', { uuid: String(uuid) }),
    'volume_targets.node_id': ({ boot_index }) =>
      registeredError('VolumeTargetBootIndexAlreadyExists', { boot_index: String(boot_index) }),
  },
  shown: (row, { access }) =>
    access.allows('baremetal:volume:view_target_properties', nodeTarget(ownersOf(row)))
      ? row
      : { ...row, properties: redacted },
};

export const volumeKinds: readonly VolumeKind[] = [connectors, targets];
