// A small cloud for tests: Keystone and Neutron with a tenant, networks for each phase, and the options with which a server joins it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRabbit } from '../../packages/server/test/notify/brokers.ts';
import { type Keystone, password, startKeystone } from '../keystone/keystone.ts';
import { type NeutronServer, startNeutron } from './neutron.ts';

/** A port as Neutron shows it to an administrator. */
export type PortInNeutron = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly status: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
  readonly 'binding:host_id': string;
  readonly 'binding:vif_type': string;
  readonly 'binding:profile': Readonly<Record<string, unknown>>;
};

export interface NeutronCloud {
  readonly keystone: Keystone;
  readonly neutron: NeutronServer;
  /** URL of the message broker of Neutron. */
  readonly brokerUrl: string;
  /** UUIDs of the networks by their names. */
  readonly networks: Readonly<Record<string, string>>;
  /** Options, as `--set` takes them, of a server that uses this cloud. */
  readonly set: readonly string[];
  /** Asks Neutron as its administrator, or with the token; the member of the answer, or undefined where there is none. */
  ask(method: string, path: string, body?: object, token?: string): Promise<ReturnType<typeof JSON.parse>>;
  /** Makes a port of the tenant in a network, as somebody who wants an instance does. */
  newVif(network?: string, fields?: object): Promise<PortInNeutron>;
  port(id: string): Promise<PortInNeutron>;
  /** Every port there is, or those with these MAC addresses. */
  ports(addresses?: readonly string[]): Promise<readonly PortInNeutron[]>;
  tenantToken(): Promise<string>;
  stop(): Promise<void>;
}

/** Users, each with its project and roles. */
const users = { wrought: ['service', 'admin', 'service'], neutron: ['service', 'admin', 'service'] } as const;

async function populate({ admin }: Keystone): Promise<string> {
  const roles = new Map<string, string>();
  for (const { name, id } of (await admin('GET', '/roles')).roles) {
    roles.set(name, id);
  }
  roles.set('service', (await admin('POST', '/roles', { role: { name: 'service' } })).role.id);
  const projects = new Map<string, string>();
  for (const name of ['service', 'tenant']) {
    projects.set(name, (await admin('POST', '/projects', { project: { name, domain_id: 'default' } })).project.id);
  }
  for (const [name, [project, ...granted]] of Object.entries({ ...users, tenant: ['tenant', 'member'] as const })) {
    const { user } = await admin('POST', '/users', { user: { name, domain_id: 'default', password } });
    for (const role of granted) {
      await admin('PUT', `/projects/${projects.get(project)}/users/${user.id}/roles/${roles.get(role)}`);
    }
  }
  return projects.get('tenant') ?? '';
}

/** Networks by name: the physical network, and the subnets. The network `flat` is flat, all others are VLANs. */
const networksToMake: Readonly<Record<string, readonly [string, ...string[]]>> = {
  provisioning: ['physnet1', '192.0.2.0/24'],
  cleaning: ['physnet1', '198.51.100.0/24', '2001:db8:1::/64'],
  inspection: ['physnet1', '203.0.113.0/26'],
  rescuing: ['physnet1', '203.0.113.64/26'],
  servicing: ['physnet1', '203.0.113.128/26'],
  tenant: ['physnet1', '10.11.0.0/24'],
  elsewhere: ['physnet2', '10.12.0.0/24'],
  flat: ['physnet3', '10.13.0.0/24'],
};

export interface CloudOptions {
  /**
   * A JSON file, which may come later, with the place of an Open vSwitch (`database`, `idleVlan`) that ports with links are put on
   * VLANs of.
   */
  readonly switchFile?: string;
  /** False: agents report to nobody, and no broker is started. */
  readonly hasAgents?: boolean;
}

/** Starts all of it, and enters Neutron into the catalogue. */
export async function startNeutronCloud(options: CloudOptions = {}): Promise<NeutronCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-neutron-'));
  const opened: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  async function stop(): Promise<void> {
    for (const close of opened.splice(0).reverse()) {
      await close();
    }
  }
  try {
    const [keystone, broker] = await Promise.all([
      startKeystone().then((started) => {
        opened.push(() => started.remove());
        return started;
      }),
      options.hasAgents === false ? { url: 'fake:/' } : startRabbit({ after: (close) => void opened.push(close) }),
    ]);
    const tenant = await populate(keystone);
    const neutron = await startNeutron(folder, keystone, broker.url, options.switchFile);
    opened.push(() => neutron.remove());
    const { service } = await keystone.admin('POST', '/services', { service: { name: 'neutron', type: 'network' } });
    for (const kind of ['public', 'internal']) {
      const endpoint = { interface: kind, service_id: service.id, region_id: 'RegionOne', url: neutron.url };
      await keystone.admin('POST', '/endpoints', { endpoint });
    }
    const adminToken = await keystone.token('wrought', 'service');

    async function ask(
      method: string,
      path: string,
      body?: object,
      token = adminToken,
    ): Promise<ReturnType<typeof JSON.parse>> {
      const answer = await fetch(`${neutron.url}/v2.0${path}`, {
        method,
        headers: { 'Content-Type': 'application/json', 'X-Auth-Token': token },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) {
        throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      }
      return text === '' || text === 'null' ? undefined : Object.values(JSON.parse(text))[0];
    }

    const networks: Record<string, string> = {};
    for (const [index, [name, [physical, ...subnets]]] of Object.entries(networksToMake).entries()) {
      const isTenants = ['tenant', 'elsewhere', 'flat'].includes(name);
      const network = {
        name,
        'provider:physical_network': physical,
        ...(name === 'flat'
          ? { 'provider:network_type': 'flat' }
          : {
              'provider:network_type': 'vlan',
              'provider:segmentation_id': (physical === 'physnet1' ? 100 : 200) + index,
            }),
        ...(isTenants ? { project_id: tenant } : {}),
      };
      networks[name] = (await ask('POST', '/networks', { network })).id;
      for (const cidr of subnets) {
        const isV6 = cidr.includes(':');
        const modes = isV6 ? { ipv6_address_mode: 'dhcpv6-stateful', ipv6_ra_mode: 'dhcpv6-stateful' } : {};
        const subnet = { network_id: networks[name], ip_version: isV6 ? 6 : 4, cidr, ...modes };
        await ask('POST', '/subnets', { subnet });
      }
    }
    return {
      keystone,
      neutron,
      brokerUrl: broker.url,
      networks,
      set: [
        `keystone.auth_url=${keystone.url}`,
        'keystone.username=wrought',
        `keystone.password=${password}`,
        'keystone.project_name=service',
        'neutron.enabled=true',
        ...['cleaning', 'provisioning', 'rescuing', 'inspection', 'servicing'].map(
          (phase) => `neutron.${phase}_network=${phase}`,
        ),
      ],
      ask,
      newVif: (network = 'tenant', fields = {}) =>
        ask('POST', '/ports', { port: { network_id: networks[network], project_id: tenant, ...fields } }),
      port: (id) => ask('GET', `/ports/${id}`),
      async ports(addresses) {
        if (addresses !== undefined) {
          return ask('GET', `/ports?${addresses.map((each) => `mac_address=${each}`).join('&')}`);
        }
        const all: PortInNeutron[] = [];
        for (;;) {
          const marker = all.at(-1)?.id;
          const page = (await ask(
            'GET',
            `/ports${marker === undefined ? '' : `?marker=${marker}`}`,
          )) as PortInNeutron[];
          if (page.length === 0) {
            return all;
          }
          all.push(...page);
        }
      },
      tenantToken: () => keystone.token('tenant', 'tenant'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
