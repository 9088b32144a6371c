// GET of the node that an agent runs on, found by its UUID or by the addresses of its network cards.
import { isUuidLike, type LookupConfig, lookupStates, type Node, readMac, registeredError } from '@wrought/contract';
import { findNodeRow, nodesOfAddresses } from '../../store/node-list.ts';
import { findNode, nodeFromRow } from '../../store/nodes.ts';
import { listArgument } from '../core/query.ts';
import { type Answer, type ApiRequest, ok } from '../core/route.ts';
import { nodeView } from '../nodes/view.ts';
import type { Services } from '../services.ts';

/** Version from which a lookup hands out the agent's token. */
const TOKEN_SINCE = 62;

/** What an agent is shown of its node. */
const shownFields = ['uuid', 'properties', 'instance_info', 'driver_internal_info', 'links'] as const;

export function lookupHandler(services: Services) {
  return async (request: ApiRequest): Promise<Answer> => {
    const { minor } = request;
    const found = await findByRequest(request, services);
    if (services.config().api.restrict_lookup && !lookupStates.has(found.provision_state)) {
      throw registeredError('NotFound', {
        reason: `Node ${found.uuid} is in state "${found.provision_state}", in which no agent is expected.`,
      });
    }
    const token = minor < TOKEN_SINCE ? null : (await services.doors.signal.lookup(found)).agentToken;
    return ok(await lookupBody(request, services, found, token));
  };
}

/** What an agent is told of its node and of the settings that it needs; without a token by default. */
export async function lookupBody(
  { minor, base }: ApiRequest,
  services: Services,
  { uuid }: Pick<Node, 'uuid'>,
  token: string | null = null,
): Promise<string> {
  const row = await findNodeRow(services.store.read, uuid);
  const node = nodeView(services).writer(minor, shownFields)(row ?? {}, { base, collection: 'nodes' });
  return `{"node":${node},"config":${JSON.stringify(lookupConfig(services, token))}}`;
}

async function findByRequest({ query }: ApiRequest, { store }: Services): Promise<Node> {
  const { node_uuid: uuid } = query;
  if (uuid !== undefined) {
    if (!isUuidLike(uuid)) {
      throw registeredError('InvalidUUID', { uuid });
    }
    const node = await findNode(store.read, uuid);
    if (node === undefined) {
      throw registeredError('NodeNotFound', { node: uuid });
    }
    return node;
  }
  // Agents send whatever their cards have; what is no MAC address (InfiniBand, for one) is left out.
  const addresses = (listArgument(query, 'addresses') ?? []).flatMap((text) => readMac(text) ?? []);
  if (addresses.length === 0) {
    throw registeredError('IncompleteLookup', {});
  }
  const uuids = await nodesOfAddresses(store.read, addresses);
  const [only] = uuids;
  if (only === undefined || uuids.length > 1) {
    const reason =
      only === undefined
        ? `No node has a port with one of the addresses ${addresses.join(', ')}.`
        : `The addresses ${addresses.join(', ')} belong to several nodes: ${uuids.join(', ')}.`;
    throw registeredError('NotFound', { reason });
  }
  const row = await findNodeRow(store.read, only);
  if (row === undefined) {
    throw registeredError('NodeNotFound', { node: only });
  }
  return nodeFromRow(row);
}

function lookupConfig({ config }: Services, agentToken: string | null): LookupConfig {
  const { api, agent, conductor } = config();
  return {
    metrics: {
      backend: 'noop',
      prepend_host: false,
      prepend_uuid: false,
      prepend_host_reverse: true,
      global_prefix: null,
    },
    metrics_statsd: { statsd_host: 'localhost', statsd_port: 8125 },
    heartbeat_timeout: api.ramdisk_heartbeat_timeout,
    agent_token: agentToken,
    agent_token_required: true,
    agent_md5_checksum_enable: agent.allow_md5_checksum,
    disable_deep_image_inspection: conductor.disable_deep_image_inspection,
    permitted_image_formats: [...conductor.permitted_image_formats],
    enable_bios_bootloader_install: true,
    tls_min_version: agent.tls_minimum_version,
  };
}
