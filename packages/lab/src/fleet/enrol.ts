// Brings the machines of a fleet into a server: a node with its port for each, several at a time.
import { fileURLToPath } from 'node:url';
import type { Fleet } from './fleet.ts';

const AT_ONCE = 16;

/** The part of an API client that enrolling needs. */
export interface EnrolApi {
  call<Body>(method: string, path: string, body?: unknown): Promise<Body>;
}

/** What the server needs in its configuration for a fleet, as `section.key=value`. */
export const fleetSettings: readonly string[] = [
  `drivers.modules=${JSON.stringify([fileURLToPath(new URL('./driver.ts', import.meta.url))])}`,
  'drivers.enabled=["fleet","fake-hardware"]',
  // The agents of a fleet share one plain listener on loopback.
  'agent.require_tls=false',
];

/** The same for a fleet with BMCs of a real kind: agents boot when their BMC says "network", whoever answers there. */
const realFleetSettings = (driver: string): readonly string[] => [
  `drivers.enabled=["${driver}","fake-hardware"]`,
  'agent.require_tls=false',
  'dhcp.dhcp_provider=none',
  // Written into boot scripts, which nobody runs: the agents of a fleet know their APIs.
  'api.public_endpoint=http://127.0.0.1:6385',
  'deploy.http_url=http://127.0.0.1:6386',
];

export const ipmiFleetSettings: readonly string[] = realFleetSettings('ipmi');
export const redfishFleetSettings: readonly string[] = realFleetSettings('redfish');

/** The `instance_info` with which machines of a fleet are deployed; a tear-down takes it away. */
export function fleetInstance({ image }: Pick<Fleet, 'image'>): object {
  return {
    image_source: image.url,
    image_os_hash_algo: 'sha256',
    image_os_hash_value: image.sha256,
    image_disk_format: 'raw',
  };
}

/** Makes a node and a port for every machine; answers the UUIDs in the order of the machines. */
export async function enrolFleet(api: EnrolApi, fleet: Fleet, fields: object = {}): Promise<string[]> {
  const uuids: string[] = new Array(fleet.machines.length);
  let next = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < fleet.machines.length; index = next++) {
      const machine = fleet.machines[index];
      if (machine === undefined) {
        return;
      }
      const { uuid } = await api.call<{ uuid: string }>('POST', '/v1/nodes', {
        name: machine.name,
        ...fleet.driverOf(machine),
        instance_info: fleetInstance(fleet),
        ...fields,
      });
      await api.call('POST', '/v1/ports', { node_uuid: uuid, address: machine.mac });
      uuids[index] = uuid;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return uuids;
}
