// Changes of objects by the API, with the events that tell of them in the same transaction, or of why there was none.
import {
  allocationResource,
  chassisResource,
  deployTemplateResource,
  inspectionRuleResource,
  type JsonObject,
  type NodeAction,
  nodeResource,
  type ObjectAction,
  portgroupResource,
  portResource,
  type RecordedObject,
  type Resource,
  runbookResource,
  volumeConnectorResource,
  volumeTargetResource,
} from '@wrought/contract';
import { type ObjectChange, recordObject, recordsObjects } from '../../store/object-events.ts';
import type { StoreTransaction } from '../../store/store.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';
import type { Services } from '../services.ts';

const resourceOf: Readonly<Record<RecordedObject, Resource>> = {
  node: nodeResource,
  port: portResource,
  portgroup: portgroupResource,
  chassis: chassisResource,
  volumeconnector: volumeConnectorResource,
  volumetarget: volumeTargetResource,
  allocation: allocationResource,
  deploytemplate: deployTemplateResource,
  runbook: runbookResource,
  inspectionrule: inspectionRuleResource,
};

/** A change that is about to be made. */
export interface Change {
  readonly object: RecordedObject;
  readonly action: ObjectAction | Extract<NodeAction, 'maintenance_set'>;
  /** The object as far as it is known before the change: a row, or values of its fields. */
  readonly asked: object;
}

/** Columns that are no fields: keys of this database, and whose the node is. */
const hiddenColumns: ReadonlySet<string> = new Set([
  'id',
  'node_id',
  'node_owner',
  'node_lessee',
  'internal_info',
  'version',
]);

/** The values behind a row; what is parsed already stays as it is. */
function fieldsOf(object: RecordedObject, row: object): JsonObject {
  const { fields } = resourceOf[object];
  const value: JsonObject = {};
  for (const [name, column] of Object.entries(row)) {
    const kind = fields[name]?.type.kind;
    if (hiddenColumns.has(name)) {
      continue;
    }
    if ((kind === 'object' || kind === 'list') && typeof column === 'string') {
      value[name] = JSON.parse(column);
    } else {
      value[name] = kind === 'flag' && typeof column === 'number' ? column === 1 : column;
    }
  }
  // A sensitive inspection rule shows neither what it looks for nor what it does.
  return value.sensitive === true ? { ...value, actions: null, conditions: null } : value;
}

const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null);

function changeOf({ object, action, asked }: Change, row: object, statuses: ObjectChange['statuses']): ObjectChange {
  const columns: JsonObject = { ...asked, ...row };
  const value = fieldsOf(object, columns);
  return {
    object,
    action,
    statuses,
    value,
    node: textOrNull(object === 'node' ? value.uuid : value.node_uuid),
    owner: textOrNull(columns.node_owner ?? columns.owner),
    lessee: textOrNull(columns.node_lessee ?? columns.lessee),
    data: typeof value.name === 'string' ? { name: value.name } : {},
  };
}

/**
 * Runs a change in one transaction and tells of it there: of the object that `work` returns, or of the one that was asked for when
 * it returns true or nothing. When it returns undefined or false for what was not there, nothing is told.
 * @throws what `work` throws, after that was told
 */
export async function recorded<Result>(
  services: Pick<Services, 'store' | 'config' | 'log'>,
  change: Change,
  work: (trx: StoreTransaction) => Promise<Result>,
): Promise<Result> {
  const { store, log } = services;
  const config = services.config();
  if (!recordsObjects(config)) {
    return store.transaction(work);
  }
  try {
    return await store.transaction(async (trx) => {
      const result = await work(trx);
      if (result !== undefined && result !== false) {
        const row = typeof result === 'object' && result !== null ? result : {};
        await recordObject(trx, config, 'api', changeOf(change, row, ['start', 'end']));
      }
      return result;
    });
  } catch (error) {
    // A database that can not be used takes no event either, and the change may even have been made.
    if (!(error instanceof StoreUnavailableError)) {
      await store
        .transaction((trx) => recordObject(trx, config, 'api', changeOf(change, {}, ['start', 'error'])))
        .catch((failure: unknown) => log.error({ err: failure }, 'The event of a failed change could not be written.'));
    }
    throw error;
  }
}
