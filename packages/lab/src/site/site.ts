// A whole site on one host: a lab with machines, the server inside its namespace, ramdisk, OS image and image server.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defaultCacheDirectory } from '../cache.ts';
import { type ImageServer, startImageServer } from '../image-server/client.ts';
import type { Lab } from '../lab/lab.ts';
import type { MachineHandle } from '../lab/machine-handle.ts';
import type { LabOptions } from '../lab/options.ts';
import type { LabRecord, NicRecord, SwitchRecord } from '../lab/record.ts';
import { labUp } from '../lab/up.ts';
import { buildOsImage, type OsImage } from '../os-image/build.ts';
import { run } from '../process/run.ts';
import { type Relay, startRelay } from '../relay.ts';
import { type ApiClient, createApiClient } from './api.ts';
import { createServerProcess, type ServerProcess } from './server.ts';

const address = '10.99.0.1';
const apiAddress = `${address}:6385`;
const bootAddress = `${address}:8088`;
const imageAddress = `${address}:8090`;
const ramdiskDeadlineSeconds = 15 * 60;

export interface SiteOptions {
  directory: string;
  /** The launcher, bin/wrought. */
  program: string;
  machines?: LabOptions['machines'];
  firmware?: LabOptions['firmware'];
  /** Gives the machines Redfish services of this model; the server manages them through those. */
  redfish?: LabOptions['redfish'];
  /** What joins the machines; with an Open vSwitch the server puts them on VLANs. */
  switch?: LabOptions['switch'];
  /** More "section.key=value" for the server; they win over the site's own. */
  settings?: string[];
  cacheDirectory?: string;
  log?: (line: string) => void;
}

export interface Site {
  directory: string;
  lab: Lab;
  server: ServerProcess;
  api: ApiClient;
  images: ImageServer;
  /** The image's URLs as machines see them. */
  image: OsImage & { rawUrl: string; qcow2Url: string };
  ramdisk: { kernel: string; initramfs: string };
  /** Passes 127.0.0.1:PORT on this host to the server. */
  relay: Relay;
  /** Registers a machine of the lab with its port; resolves with the node's UUID. */
  enrol(machine: MachineHandle, options?: EnrolOptions): Promise<string>;
  /** Ends the server and the lab. */
  down(): Promise<void>;
}

export interface EnrolOptions {
  name?: string;
  bootInterface?: 'ipxe' | 'pxe' | 'http-ipxe' | 'redfish-virtual-media' | 'redfish-https';
  driverInfo?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  /** The VLAN of its tenant, where the lab has a switch. */
  tenantVlan?: number;
  /** Other fields of the node. */
  fields?: Record<string, unknown>;
}

/** Driver and `driver_info` by which a server reaches a machine: Redfish where it has a service for that, else IPMI. */
export function managedBy(machine: MachineHandle): { driver: string; driverInfo: Record<string, string> } {
  const { bmc, redfish } = machine.record;
  if (redfish === undefined) {
    return {
      driver: 'ipmi',
      driverInfo: {
        ipmi_address: bmc.address,
        ipmi_port: String(bmc.port),
        ipmi_username: bmc.username,
        ipmi_password: machine.password(),
      },
    };
  }
  return {
    driver: 'redfish',
    driverInfo: {
      redfish_address: redfish.url,
      redfish_username: bmc.username,
      redfish_password: machine.password(),
      redfish_verify_ca: redfish.certificateFile,
    },
  };
}

/** Builds the ramdisk through the command line, or takes it from its cache. */
async function buildRamdisk(program: string, directory: string, cacheDirectory: string): Promise<Site['ramdisk']> {
  await run(program, ['ramdisk', 'build', '--output', directory, '--cache', join(cacheDirectory, 'ramdisk')], {
    timeoutSeconds: ramdiskDeadlineSeconds,
  });
  return { kernel: join(directory, 'wrought-agent.kernel'), initramfs: join(directory, 'wrought-agent.initramfs') };
}

function serverSettings(site: { directory: string; ramdisk: Site['ramdisk']; images: string }): string[] {
  const list = (...items: string[]) => JSON.stringify(items);
  return [
    'drivers.enabled=["ipmi","redfish","fake-hardware"]',
    `api.listen=${apiAddress}`,
    `api.public_endpoint=http://${apiAddress}`,
    `deploy.http_listen=${bootAddress}`,
    `deploy.http_url=http://${bootAddress}`,
    'dhcp.dhcp_provider=dnsmasq',
    'dnsmasq.interface=br0',
    `dnsmasq.ranges=${list('10.99.0.100,10.99.0.199')}`,
    'dnsmasq.ipv6_prefix=fd00:99::',
    `pxe.tftp_server=${address}`,
    'pxe.kernel_append_params=console=ttyS0,115200n8 quiet',
    'redfish.kernel_append_params=console=ttyS0,115200n8 quiet',
    `conductor.deploy_kernel=file://${site.ramdisk.kernel}`,
    `conductor.deploy_ramdisk=file://${site.ramdisk.initramfs}`,
    `conductor.file_url_allowed_paths=${list(site.directory, site.images)}`,
    'ipmi.min_command_interval=0',
    'ipmi.cipher_suite_versions=["3"]',
    'log.level=debug',
  ];
}

/** Names the switch of the lab, and puts every phase on the VLAN of the server. */
function switchSettings(directory: string, plan: SwitchRecord | undefined): string[] {
  if (plan === undefined) return [];
  const file = join(directory, 'switches.toml');
  const lines = [
    '[lab]',
    'type = "openvswitch"',
    `switch_ids = ["${plan.switchId}"]`,
    `database = "${plan.database}"`,
    `bridge = "${plan.bridge}"`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const phases = ['cleaning', 'provisioning', 'rescuing', 'inspection', 'servicing'];
  return [
    `ironic_networking.switch_config_file=${file}`,
    `ironic_networking.idle_network=access/native_vlan=${plan.idleVlan}`,
    ...phases.map((phase) => `ironic_networking.${phase}_network=access/native_vlan=${plan.serverVlan}`),
  ];
}

/** Where a NIC is plugged in, and what its tenant gets. */
function plugOf(lab: LabRecord, nic: NicRecord, { tenantVlan }: EnrolOptions): Record<string, unknown> {
  if (lab.switch === undefined) return {};
  return {
    local_link_connection: { switch_id: lab.switch.switchId, port_id: nic.tap },
    ...(tenantVlan === undefined ? {} : { extra: { switchport: { mode: 'access', native_vlan: tenantVlan } } }),
  };
}

/** Brings a site up: images built, machines off, server ready. Everything ends with `down`. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const directory = resolve(options.directory);
  const log = options.log ?? (() => {});
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  const imageDirectory = join(directory, 'images');
  mkdirSync(imageDirectory, { recursive: true });
  log('ramdisk: kernel and initramfs with the agent');
  const ramdisk = await buildRamdisk(options.program, join(directory, 'ramdisk'), cacheDirectory);
  log('operating system image');
  const image = await buildOsImage({ outputDirectory: imageDirectory, cacheDirectory, log });
  log('lab: network namespace, BMCs, machines');
  const lab = await labUp({
    directory: join(directory, 'lab'),
    cacheDirectory,
    log,
    ...(options.machines === undefined ? {} : { machines: options.machines }),
    ...(options.firmware === undefined ? {} : { firmware: options.firmware }),
    ...(options.redfish === undefined ? {} : { redfish: options.redfish }),
    ...(options.switch === undefined ? {} : { switch: options.switch }),
  });
  const opened: (() => Promise<unknown>)[] = [() => lab.down()];
  const down = async () => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const { namespace } = lab.record;
    const images = await startImageServer({ namespace, root: imageDirectory, listen: imageAddress });
    opened.push(() => images.close());
    const server = createServerProcess({
      namespace,
      program: options.program,
      dataDirectory: join(directory, 'server'),
      logFile: join(directory, 'server.log'),
      settings: [
        ...serverSettings({ directory, ramdisk, images: imageDirectory }),
        ...switchSettings(directory, lab.record.switch),
        ...(options.settings ?? []),
      ],
    });
    opened.push(() => server.stop());
    const milliseconds = await server.start();
    log(`server: ready after ${Math.round(milliseconds)} ms`);
    const api = createApiClient(server.socketPath);
    const relay = await startRelay({ socketPath: server.socketPath });
    opened.push(() => relay.close());
    return {
      directory,
      lab,
      server,
      api,
      images,
      image: { ...image, rawUrl: `${images.url}/wrought-os.raw`, qcow2Url: `${images.url}/wrought-os.qcow2` },
      ramdisk,
      relay,
      enrol: (machine, enrolOptions) => enrol(api, lab.record, machine, enrolOptions),
      down,
    };
  } catch (error) {
    await down();
    throw error;
  }
}

async function enrol(
  api: ApiClient,
  lab: LabRecord,
  machine: MachineHandle,
  options: EnrolOptions = {},
): Promise<string> {
  const { record } = machine;
  const { driver, driverInfo } = managedBy(machine);
  const node = await api.call<{ uuid: string }>('POST', '/v1/nodes', {
    name: options.name ?? record.name,
    driver,
    boot_interface: options.bootInterface ?? 'ipxe',
    network_interface: lab.switch === undefined ? 'noop' : 'ironic-networking',
    driver_info: { ...driverInfo, ...options.driverInfo },
    ...options.fields,
    properties: { cpu_arch: 'x86_64', capabilities: `boot_mode:${record.firmware}`, ...options.properties },
  });
  for (const nic of record.nics) {
    await api.call('POST', '/v1/ports', { node_uuid: node.uuid, address: nic.mac, ...plugOf(lab, nic, options) });
  }
  return node.uuid;
}
