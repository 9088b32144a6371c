// Creates, changes and deletes volume connectors and targets: only while the machine can not be using them.
import { randomUUID } from 'node:crypto';
import { deleteStates, isUuidLike, type Node, registeredError } from '@wrought/contract';
import { findNodeById, uniqueColumn } from '../../store/nodes.ts';
import { ownersOf, valuesOf } from '../../store/plain-table.ts';
import { type VolumeRow, volumeTables } from '../../store/volumes.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { readCreate } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import { namedNode, nodeToMoveTo, withNode } from '../nodes/belongings.ts';
import type { Services } from '../services.ts';
import type { VolumeKind } from './kinds.ts';

/** How events name connectors and targets. */
const objectOf = { volume_connectors: 'volumeconnector', volume_targets: 'volumetarget' } as const;

/** The connector or target that the path names, once the policy allows it. @throws RegisteredError 400, 403, 404 */
export async function volumeRowOf(
  kind: VolumeKind,
  { params, access }: ApiRequest,
  { store }: Pick<Services, 'store'>,
): Promise<VolumeRow> {
  const uuid = params[kind.parameter] ?? '';
  if (!isUuidLike(uuid)) {
    throw registeredError('InvalidUUID', { uuid });
  }
  const row = await volumeTables[kind.table].find(store.read, uuid);
  if (row === undefined) {
    throw kind.notFound(uuid);
  }
  access.requireOnNode(ownersOf(row), () => kind.notFound(uuid));
  return row;
}

/** @throws RegisteredError 400, 403, 406 and 409 */
export async function createVolume(kind: VolumeKind, request: ApiRequest, services: Services): Promise<VolumeRow> {
  const { node_uuid, ...sent } = readCreate(kind.of, request.body, request.minor);
  const node = await namedNode(services, request.access, 'node_uuid', String(node_uuid));
  const empty = 'properties' in kind.of.fields ? { extra: {}, properties: {} } : { extra: {} };
  const values = { ...empty, ...sent, uuid: typeof sent.uuid === 'string' ? sent.uuid : randomUUID() };
  const change = {
    object: objectOf[kind.table],
    action: 'create',
    asked: { ...values, node_uuid: node.uuid },
  } as const;
  return withNode(services, node, change, (trx, { id }) =>
    volumeTables[kind.table].insert(trx, { ...values, node_id: id }),
  ).catch(duplicate(kind, values));
}

/** @throws RegisteredError 400, 403, 404, 406 and 409 */
export async function patchVolume(kind: VolumeKind, request: ApiRequest, services: Services): Promise<VolumeRow> {
  const { store, doors } = services;
  const operations = readPatch(kind.of, request.body, request.minor);
  const { uuid, node_id } = await volumeRowOf(kind, request, services);
  const node = await nodeOfVolume(kind, services, uuid, node_id);
  return doors.call.withLock(node, `change of a ${kind.of.name}`, async (fresh) => {
    const row = await volumeTables[kind.table].find(store.read, uuid);
    if (row === undefined) {
      throw kind.notFound(uuid);
    }
    const present = valuesOf(kind.of, row);
    const { node_uuid: nodeUuid, ...values } = applyPatch(kind.of, present, operations);
    const isMoved = typeof nodeUuid === 'string' && nodeUuid !== row.node_uuid;
    const after = isMoved
      ? await nodeToMoveTo(services, request.access, { what: kind.of.name, from: fresh, uuid: nodeUuid })
      : fresh;
    for (const concerned of new Set([fresh, after])) {
      checkPoweredOff(`change of a ${kind.of.name}`, concerned);
    }
    const updated = await recorded(services, { object: objectOf[kind.table], action: 'update', asked: row }, (trx) =>
      volumeTables[kind.table].update(trx, row.id, { ...values, node_id: after.id }),
    ).catch(duplicate(kind, { ...present, ...values }));
    if (updated === undefined) {
      throw kind.notFound(uuid);
    }
    return updated;
  });
}

/** @throws RegisteredError 400, 403, 404 and 409 */
export async function removeVolume(kind: VolumeKind, request: ApiRequest, services: Services): Promise<void> {
  const row = await volumeRowOf(kind, request, services);
  const { uuid, id, node_id } = row;
  const node = await nodeOfVolume(kind, services, uuid, node_id);
  const action = `deletion of a ${kind.of.name}`;
  await services.doors.call.withLock(node, action, async (fresh) => {
    if (fresh.provision_state === 'available' || !deleteStates.has(fresh.provision_state)) {
      checkPoweredOff(action, fresh);
    }
    await recorded(services, { object: objectOf[kind.table], action: 'delete', asked: row }, (trx) =>
      volumeTables[kind.table].delete(trx, id),
    );
  });
}

async function nodeOfVolume(kind: VolumeKind, { store }: Services, uuid: string, nodeId: number): Promise<Node> {
  const node = await findNodeById(store.read, nodeId);
  if (node === undefined) {
    throw kind.notFound(uuid);
  }
  return node;
}

function checkPoweredOff(action: string, node: Node): void {
  if (node.power_state !== 'power off') {
    throw registeredError('InvalidStateRequested', {
      action,
      node: node.uuid,
      state: node.power_state ?? 'power state unknown',
      hint: 'Power it off first: a machine that runs may be using its volumes.',
    });
  }
}

const duplicate = (kind: VolumeKind, values: Readonly<Record<string, unknown>>) => (error: unknown) => {
  throw kind.duplicates[uniqueColumn(error) ?? '']?.(values) ?? error;
};
