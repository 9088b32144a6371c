// Changes of ports and port groups that the network service is told of before they are written, and again when the write fails.
import { type JsonObject, type Node, registeredError } from '@wrought/contract';
import { nodeIdOfAddress } from '../../store/ports.ts';
import type { Services } from '../services.ts';

/** What is told, and of what. */
interface CarrierFields {
  readonly uuid: string;
  readonly address: string | null;
  readonly extra: JsonObject;
  readonly internal_info: JsonObject;
}

const clientIdOf = ({ extra }: Pick<CarrierFields, 'extra'>): string | null => {
  const id = extra['client-id'];
  return typeof id === 'string' && id !== '' ? id : null;
};

/** What of `to` is not as in `from`; a port group that loses its address leaves its VIF with it. */
function changeBetween(from: CarrierFields, to: CarrierFields) {
  return {
    uuid: from.uuid,
    ...(to.address !== null && to.address !== from.address ? { address: to.address } : {}),
    ...(clientIdOf(to) === clientIdOf(from) ? {} : { clientId: clientIdOf(to) }),
  };
}

/**
 * Runs `write`, which changes something that may carry a VIF, after the network service was told.
 * @throws RegisteredError of the network service, with nothing written; what `write` throws, with the network service told back
 */
export async function tellingCarrier<Result>(
  { store, doors, log }: Pick<Services, 'store' | 'doors' | 'log'>,
  node: Node,
  before: CarrierFields,
  values: Partial<Pick<CarrierFields, 'address' | 'extra'>>,
  write: () => Promise<Result>,
): Promise<Result> {
  const after = { ...before, ...values };
  const change = changeBetween(before, after);
  if (typeof before.internal_info.tenant_vif_port_id !== 'string' || Object.keys(change).length === 1) {
    return write();
  }
  if (change.address !== undefined && (await nodeIdOfAddress(store.read, change.address)) !== undefined) {
    throw registeredError('MACAlreadyExists', { mac: change.address });
  }
  await doors.call.changeCarrier(node, change);
  try {
    return await write();
  } catch (error) {
    await doors.call.changeCarrier(node, changeBetween(after, before)).catch((failure: unknown) => {
      log.error(
        { node: node.uuid, err: failure },
        'A VIF keeps the address or client identifier of a port whose change was not written.',
      );
    });
    throw error;
  }
}
