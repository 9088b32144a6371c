// POST of what the ramdisk of an inspection found: finds the node that waits for it, and hands the data on.
import { lookup as resolveHost } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isUuidLike, type JsonObject, type Node, readMac, registeredError } from '@wrought/contract';
import { nodesOfAddresses } from '../../store/node-list.ts';
import { findNode, nodesInState } from '../../store/nodes.ts';
import { FrameworkError } from '../core/error-body.ts';
import { objectBody, shownValue } from '../core/read-body.ts';
import { type Answer, type ApiRequest, accepted } from '../core/route.ts';
import type { Services } from '../services.ts';
import { lookupBody } from './lookup.ts';

/** Version that brought this path; the oldest version may use it, too, for agents that send none. */
const CONTINUE_SINCE = 84;
const UNVERSIONED_MINOR = 1;

/** @throws RegisteredError 400, 404, 409 */
export async function continueInspection(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor } = request;
  if (minor !== UNVERSIONED_MINOR && minor < CONTINUE_SINCE) {
    throw new FrameworkError(404, `POST /v1/continue_inspection needs API version 1.${CONTINUE_SINCE}.`);
  }
  const { inventory, ...pluginData } = objectBody(request.body);
  if (typeof inventory !== 'object' || inventory === null || Array.isArray(inventory)) {
    throw registeredError('Invalid', {
      reason: `The member inventory has the invalid value ${shownValue(inventory)}; allowed: the inventory as an object.`,
    });
  }
  const node = await waitingNode(request, services, inventory as JsonObject);
  await services.doors.signal.inspection(node, { inventory: inventory as JsonObject, pluginData });
  const body = minor < CONTINUE_SINCE ? JSON.stringify({ uuid: node.uuid }) : await lookupBody(request, services, node);
  return { ...accepted(), body };
}

async function waitingNode({ query }: ApiRequest, { store }: Services, inventory: JsonObject): Promise<Node> {
  const { node_uuid: uuid } = query;
  if (uuid !== undefined && !isUuidLike(uuid)) {
    throw registeredError('InvalidUUID', { uuid });
  }
  const macs = macsOf(inventory);
  const bmcs = [inventory.bmc_address, inventory.bmc_v6address].filter(
    (address): address is string =>
      typeof address === 'string' && isIP(address) !== 0 && address !== '0.0.0.0' && address !== '::',
  );
  if (uuid === undefined && macs.length === 0 && bmcs.length === 0) {
    throw registeredError('MissingParameterValue', {
      reason:
        'An inspection needs node_uuid, or an inventory with MAC addresses of interfaces or an address of the BMC.',
    });
  }
  const uuids = uuid === undefined ? await nodesOfAddresses(store.read, macs) : [uuid];
  const [known] = uuids;
  const found = known !== undefined && uuids.length === 1 ? await findNode(store.read, known) : undefined;
  const node = found ?? (uuid === undefined && uuids.length === 0 ? await nodeOfBmc(store, bmcs) : undefined);
  if (node === undefined || node.provision_state !== 'inspect wait') {
    throw registeredError('NotFound', {
      reason: `No node waits for the inspection of the machine with ${uuid ?? [...macs, ...bmcs].join(', ')}.`,
    });
  }
  return node;
}

function macsOf({ interfaces }: JsonObject): string[] {
  const list = Array.isArray(interfaces) ? interfaces : [];
  return list.flatMap((item: { mac_address?: unknown } | null) =>
    typeof item?.mac_address === 'string' ? (readMac(item.mac_address) ?? []) : [],
  );
}

/** The one node in inspection whose BMC has one of these addresses. */
async function nodeOfBmc({ read }: Services['store'], bmcs: readonly string[]): Promise<Node | undefined> {
  if (bmcs.length === 0) {
    return undefined;
  }
  const candidates = await nodesInState(read, 'inspect wait');
  const matches = await Promise.all(
    candidates.map(async (node) => (await bmcAddresses(node)).some((address) => bmcs.includes(address))),
  );
  const found = candidates.filter((_, index) => matches[index]);
  return found.length === 1 ? found[0] : undefined;
}

/** The addresses that the driver_info of a node names, as IP addresses; a name that is not known has none. */
async function bmcAddresses({ driver_info }: Node): Promise<readonly string[]> {
  const hosts = Object.entries(driver_info).flatMap(([key, value]) =>
    key.endsWith('_address') && typeof value === 'string' ? [hostOf(value)] : [],
  );
  const resolved = await Promise.allSettled(
    hosts.map(async (host) =>
      isIP(host) !== 0 ? [host] : (await resolveHost(host, { all: true })).map(({ address }) => address),
    ),
  );
  return resolved.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

function hostOf(value: string): string {
  const host = URL.canParse(value) ? new URL(value).hostname : value;
  return host.replace(/^\[|\]$/g, '');
}
