// Nodes in the store: rows to objects and back, reading by id, UUID or name, and writes that compare the row version.
import {
  type EngineOwnedNodeFields,
  interfaceKindNames,
  type JsonObject,
  type Node,
  registeredError,
  type UserOwnedNodeFields,
} from '@wrought/contract';
import type { Insertable, Selectable, Updateable } from 'kysely';
import { noteHint } from './hints.ts';
import { parseList, parseObject } from './json.ts';
import { queuePowerUpdate } from './power-updates.ts';
import type { Database } from './store.ts';
import type { NodesTable } from './tables.ts';
import { now } from './time.ts';

const booleanColumns = [
  'maintenance',
  'console_enabled',
  'disable_power_off',
  'protected',
  'retired',
  'automated_clean',
  'secure_boot',
] as const;

const objectColumns = [
  'clean_step',
  'deploy_step',
  'service_step',
  'driver_internal_info',
  'raid_config',
  'target_raid_config',
  'driver_info',
  'extra',
  'instance_info',
  'network_data',
  'properties',
] as const;

const booleanColumnSet: ReadonlySet<string> = new Set(booleanColumns);
const objectColumnSet: ReadonlySet<string> = new Set(objectColumns);

/** A boolean column of a row. */
function flag(value: 0 | 1): boolean;
function flag(value: 0 | 1 | null): boolean | null;
function flag(value: 0 | 1 | null): boolean | null {
  return value === null ? null : value === 1;
}

/** Makes the node of a row; JSON columns are parsed, 0/1 become booleans. */
export function nodeFromRow(row: Selectable<NodesTable>): Node {
  return {
    ...row,
    maintenance: flag(row.maintenance),
    console_enabled: flag(row.console_enabled),
    disable_power_off: flag(row.disable_power_off),
    protected: flag(row.protected),
    retired: flag(row.retired),
    automated_clean: flag(row.automated_clean),
    secure_boot: flag(row.secure_boot),
    clean_step: parseObject(row.clean_step),
    deploy_step: parseObject(row.deploy_step),
    service_step: parseObject(row.service_step),
    driver_internal_info: parseObject(row.driver_internal_info),
    raid_config: parseObject(row.raid_config),
    target_raid_config: parseObject(row.target_raid_config),
    driver_info: parseObject(row.driver_info),
    extra: parseObject(row.extra),
    instance_info: parseObject(row.instance_info),
    network_data: parseObject(row.network_data),
    properties: parseObject(row.properties),
    traits: parseList(row.traits),
  };
}

/** Values of fields that may be written: columns as the node object has them. */
export type NodeChanges = Partial<EngineOwnedNodeFields & UserOwnedNodeFields> & { traits?: readonly string[] };

function columnsOf(changes: NodeChanges): Updateable<NodesTable> {
  const columns: Record<string, string | number | null> = {};
  for (const [field, value] of Object.entries(changes)) {
    if (value === undefined) {
      continue;
    }
    if (booleanColumnSet.has(field)) {
      columns[field] = value === null ? null : value ? 1 : 0;
    } else if (objectColumnSet.has(field)) {
      columns[field] = JSON.stringify(value);
    } else if (field === 'traits') {
      columns.traits = JSON.stringify([...new Set(value as readonly string[])].sort());
    } else {
      columns[field] = value as string | number | null;
    }
  }
  return columns as Updateable<NodesTable>;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text has the canonical form of a UUID. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** The node with this UUID (any letter case) or name, or undefined. */
export async function findNode(db: Database, ident: string): Promise<Node | undefined> {
  const query = db.selectFrom('nodes').selectAll();
  const row = isUuid(ident)
    ? await query.where('uuid', '=', ident.toLowerCase()).executeTakeFirst()
    : await query.where('name', '=', ident).executeTakeFirst();
  return row === undefined ? undefined : nodeFromRow(row);
}

/** The node with this UUID or name; throws NodeNotFound. */
export async function getNode(db: Database, ident: string): Promise<Node> {
  const node = await findNode(db, ident);
  if (node === undefined) {
    throw registeredError('NodeNotFound', { node: ident });
  }
  return node;
}

/** The node with this number, or undefined when it was deleted. */
export async function findNodeById(db: Database, id: number): Promise<Node | undefined> {
  const row = await db.selectFrom('nodes').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : nodeFromRow(row);
}

/** The children of the node with this UUID, in the order in which they were made. */
export async function childNodesOf(db: Database, uuid: string): Promise<Node[]> {
  const rows = await db.selectFrom('nodes').selectAll().where('parent_node', '=', uuid).orderBy('id').execute();
  return rows.map(nodeFromRow);
}

/** Every node in this provision state. */
export async function nodesInState(db: Database, state: Node['provision_state']): Promise<Node[]> {
  const rows = await db.selectFrom('nodes').selectAll().where('provision_state', '=', state).orderBy('id').execute();
  return rows.map(nodeFromRow);
}

/** Everything a new node needs; what is left out gets its empty value. */
export type NewNode = Pick<UserOwnedNodeFields, 'uuid' | 'driver'> &
  NodeChanges & { provision_state: EngineOwnedNodeFields['provision_state'] };

const emptyNode = {
  version: 1,
  maintenance: 0,
  console_enabled: 0,
  disable_power_off: 0,
  protected: 0,
  retired: 0,
  conductor_group: '',
  traits: '[]',
  ...Object.fromEntries(objectColumns.map((column) => [column, '{}'])),
  ...Object.fromEntries(interfaceKindNames.map((kind) => [`${kind}_interface`, ''])),
};

/** Inserts a node and returns it. A UUID, name or instance UUID that exists fails the statement (see `uniqueColumn`). */
export async function insertNode(db: Database, fields: NewNode): Promise<Node> {
  const row = await db
    .insertInto('nodes')
    .values({ ...emptyNode, ...columnsOf(fields), created_at: now() } as Insertable<NodesTable>)
    .returningAll()
    .executeTakeFirstOrThrow();
  return nodeFromRow(row);
}

/** Whether the stored power is another; the node at hand may show what is about to be written. */
async function isOtherPower(db: Database, { id }: Node, power: string): Promise<boolean> {
  const row = await db.selectFrom('nodes').select('power_state').where('id', '=', id).executeTakeFirst();
  return row !== undefined && row.power_state !== power;
}

/**
 * Writes `changes` to the node if its row is still at `node.version`, and returns the new node; undefined when somebody else
 * wrote in between (the caller reads again and decides anew). An allocation that the node loses is gone; a new power state of a
 * machine with an instance is put beside it for the compute service.
 */
export async function updateNode(db: Database, node: Node, changes: NodeChanges): Promise<Node | undefined> {
  const isPowerChange = typeof changes.power_state === 'string' && (await isOtherPower(db, node, changes.power_state));
  const row = await db
    .updateTable('nodes')
    .set({ ...columnsOf(changes), version: node.version + 1, updated_at: now() })
    .where('id', '=', node.id)
    .where('version', '=', node.version)
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined && changes.allocation_uuid === null && node.allocation_uuid !== null) {
    await db.deleteFrom('allocations').where('uuid', '=', node.allocation_uuid).execute();
  }
  if (row !== undefined && isPowerChange) {
    await queuePowerUpdate(db, row);
  }
  if (changes.reservation === null) {
    noteHint(db, `node ${node.id}`);
  }
  return row === undefined ? undefined : nodeFromRow(row);
}

/** Tables whose rows go with their node. */
const tablesOfNodes = [
  'runs',
  'signals',
  'timeline',
  'node_history',
  'ports',
  'portgroups',
  'volume_connectors',
  'volume_targets',
  'bios_settings',
  'firmware_components',
  'inventories',
  'power_updates',
] as const;

/** Deletes the node with everything that belongs to it. */
export async function deleteNode(db: Database, node: Node): Promise<void> {
  const runs = db.selectFrom('runs').select('id').where('node_id', '=', node.id);
  await db.deleteFrom('journal').where('run_id', 'in', runs).execute();
  await db.deleteFrom('intents').where('run_id', 'in', runs).execute();
  for (const table of tablesOfNodes) {
    await db.deleteFrom(table).where('node_id', '=', node.id).execute();
  }
  // Whoever made the allocation still has to learn what became of it.
  await db.updateTable('allocations').set({ node_id: null }).where('node_id', '=', node.id).execute();
  await db.deleteFrom('nodes').where('id', '=', node.id).execute();
}

/** `base` with the members of `changes` written over it; a member that is null is removed. */
export function mergeObject(base: JsonObject, changes: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined) {
      delete merged[key];
    } else {
      merged[key] = value;
    }
  }
  return merged;
}

/** The SQLSTATE of a value that must be unique and is not. */
const UNIQUE_VIOLATION = '23505';

/** The column ("nodes.name") whose uniqueness a failed statement broke, the first one of several; undefined for other errors. */
export function uniqueColumn(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { code, table, detail } = error as Error & { code?: string; table?: string; detail?: string };
  if (code === UNIQUE_VIOLATION) {
    // 'Key (node_id, lane)=(1, power) already exists.', whatever the language of the server.
    const column = /\("?(\w+)"?[^)]*\)=\(/.exec(detail ?? '')?.[1];
    return column === undefined ? undefined : `${table}.${column}`;
  }
  return /UNIQUE constraint failed: ([\w.]+)/.exec(error.message)?.[1];
}
