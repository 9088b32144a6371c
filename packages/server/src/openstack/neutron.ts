// Neutron, the network service: the requests that this server makes (Networking API v2.0).
import type { Service, ServiceRequest } from './service.ts';
import { OpenStackError } from './service.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Objects of a list that are asked for at a time. */
const PAGE_SIZE = 500;

export interface FixedIp {
  readonly subnet_id: string;
  readonly ip_address: string;
}

/** A DHCP option of a port; a value of null removes the option. */
export interface ExtraDhcpOption {
  readonly opt_name: string;
  readonly opt_value: string | null;
  readonly ip_version?: 4 | 6;
}

export interface NeutronPort {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly project_id?: string;
  readonly mac_address: string;
  /** "ACTIVE", "DOWN", "BUILD", "ERROR". */
  readonly status: string;
  readonly device_id: string;
  readonly device_owner: string;
  readonly fixed_ips: readonly FixedIp[];
  readonly extra_dhcp_opts?: readonly ExtraDhcpOption[];
  /** Members of the extension "binding", for administrators only. */
  readonly 'binding:vnic_type'?: string;
  /** "unbound", "binding_failed", or how it is bound. */
  readonly 'binding:vif_type'?: string;
  readonly 'binding:host_id'?: string;
  readonly 'binding:profile'?: Readonly<Record<string, unknown>>;
}

export interface NeutronNetwork {
  readonly id: string;
  readonly name: string;
  readonly mtu?: number;
  readonly tags?: readonly string[];
  readonly 'provider:physical_network'?: string | null;
  /** Of a network with several segments. */
  readonly segments?: readonly { readonly 'provider:physical_network'?: string | null }[];
}

export interface NeutronSubnet {
  readonly id: string;
  readonly ip_version: 4 | 6;
  readonly cidr: string;
  readonly gateway_ip: string | null;
  readonly dns_nameservers: readonly string[];
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly ipv6_address_mode?: string | null;
  readonly segment_id?: string | null;
}

export interface NeutronAgent {
  readonly host: string;
  readonly alive: boolean;
  readonly binary: string;
}

type Query = Readonly<Record<string, string | readonly string[]>>;

/** In whose name a request is made: a user's, by a token; without one the server's own. */
export interface InNameOf {
  readonly userToken?: string | null;
}

/** Every method throws OpenStackError. */
export interface Neutron {
  /** @throws OpenStackError, with status 404 when there is none that the asker may see */
  port(id: string, inNameOf?: InNameOf): Promise<NeutronPort>;
  ports(query: Query): Promise<readonly NeutronPort[]>;
  createPort(fields: object): Promise<NeutronPort>;
  updatePort(id: string, fields: object): Promise<NeutronPort>;
  /** Does nothing when the port is gone. */
  deletePort(id: string): Promise<void>;
  network(id: string): Promise<NeutronNetwork>;
  /** The network with this UUID, or the networks with this name. */
  networksNamed(nameOrId: string): Promise<readonly NeutronNetwork[]>;
  subnet(id: string): Promise<NeutronSubnet>;
  /** The physical network of a segment; null when it has none. */
  physicalNetworkOfSegment(id: string): Promise<string | null>;
  /** Those of these security groups that exist. */
  securityGroups(ids: readonly string[]): Promise<readonly { readonly id: string }[]>;
  agentsOf(host: string): Promise<readonly NeutronAgent[]>;
}

/** Whether the error says that there is no such object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof OpenStackError && error.status === 404;
}

function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, values] of Object.entries(query)) {
    for (const value of typeof values === 'string' ? [values] : values) {
      parameters.append(name, value);
    }
  }
  return parameters.toString();
}

/** Makes the client over a service. */
export function createNeutron(service: Service): Neutron {
  async function ask(method: ServiceRequest['method'], path: string, more: Partial<ServiceRequest> = {}) {
    const { body } = await service.request({ ...more, method, path: `/v2.0${path}` });
    return (body ?? {}) as Record<string, unknown>;
  }

  /** One object, which Neutron puts into a member with the name of its kind. */
  async function object<Kind>(
    kind: string,
    method: ServiceRequest['method'],
    path: string,
    more?: Partial<ServiceRequest>,
  ): Promise<Kind> {
    const answer = await ask(method, path, more);
    const found = answer[kind];
    if (typeof found !== 'object' || found === null) {
      throw new OpenStackError(`Neutron answered ${method} /v2.0${path} without the member "${kind}".`);
    }
    return found as Kind;
  }

  /** All objects of a collection; the next page begins behind the last object, wherever the link of Neutron leads. */
  async function list<Kind extends { readonly id: string }>(
    collection: string,
    query: Query,
  ): Promise<readonly Kind[]> {
    const all: Kind[] = [];
    for (let marker: string | undefined; ; marker = all.at(-1)?.id) {
      const page = { ...query, limit: String(PAGE_SIZE), ...(marker === undefined ? {} : { marker }) };
      const answer = await ask('GET', `/${collection}?${queryText(page)}`);
      const found = (answer[collection.replaceAll('-', '_')] ?? []) as readonly Kind[];
      all.push(...found);
      const links = (answer[`${collection.replaceAll('-', '_')}_links`] ?? []) as readonly { readonly rel: string }[];
      if (found.length === 0 || !links.some(({ rel }) => rel === 'next')) {
        return all;
      }
    }
  }

  const named = encodeURIComponent;
  return {
    port: (id, { userToken = null } = {}) => object('port', 'GET', `/ports/${named(id)}`, { userToken }),
    ports: (query) => list('ports', query),
    createPort: (port) => object('port', 'POST', '/ports', { body: { port } }),
    updatePort: (id, port) => object('port', 'PUT', `/ports/${named(id)}`, { body: { port } }),
    async deletePort(id) {
      try {
        await ask('DELETE', `/ports/${named(id)}`);
      } catch (error) {
        if (!isNotFound(error)) {
          throw error;
        }
      }
    },
    network: (id) => object('network', 'GET', `/networks/${named(id)}`),
    async networksNamed(nameOrId) {
      const byId = UUID.test(nameOrId) ? await list<NeutronNetwork>('networks', { id: nameOrId }) : [];
      return byId.length > 0 ? byId : list<NeutronNetwork>('networks', { name: nameOrId });
    },
    subnet: (id) => object('subnet', 'GET', `/subnets/${named(id)}`),
    async physicalNetworkOfSegment(id) {
      const segment = await object<{ physical_network?: string | null }>('segment', 'GET', `/segments/${named(id)}`);
      return segment.physical_network ?? null;
    },
    securityGroups: (ids) => list('security-groups', { id: ids, fields: 'id' }),
    agentsOf: (host) => list<NeutronAgent & { id: string }>('agents', { host }),
  };
}
