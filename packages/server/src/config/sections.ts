// Names every section of the configuration and derives the type of a whole configuration from them.
import { agent } from './agent.ts';
import { api } from './api.ts';
import { audit } from './audit.ts';
import { clean } from './clean.ts';
import { cluster } from './cluster.ts';
import { conductor } from './conductor.ts';
import { consoles } from './console.ts';
import { cors } from './cors.ts';
import { database } from './database.ts';
import { deploy } from './deploy.ts';
import { dhcp } from './dhcp.ts';
import { dnsmasq } from './dnsmasq.ts';
import { drivers } from './drivers.ts';
import { events } from './events.ts';
import { fake } from './fake.ts';
import { healthcheck } from './healthcheck.ts';
import { image } from './image.ts';
import { inspectionRules } from './inspection-rules.ts';
import { inspector } from './inspector.ts';
import { ipmi } from './ipmi.ts';
import { ironicNetworking } from './ironic-networking.ts';
import { keystone } from './keystone.ts';
import { log } from './log.ts';
import { metrics } from './metrics.ts';
import { molds } from './molds.ts';
import { network } from './network.ts';
import { neutron } from './neutron.ts';
import { nova } from './nova.ts';
import type { AnyOption, Section, SectionValues } from './option.ts';
import { pxe } from './pxe.ts';
import { redfish } from './redfish.ts';
import { sensorData } from './sensor-data.ts';
import { timeline } from './timeline.ts';
import { tracing } from './tracing.ts';
import { vnc } from './vnc.ts';

export const sections = {
  api,
  keystone,
  database,
  drivers,
  conductor,
  cluster,
  console: consoles,
  vnc,
  clean,
  deploy,
  agent,
  pxe,
  dhcp,
  dnsmasq,
  network,
  neutron,
  ironic_networking: ironicNetworking,
  nova,
  image,
  molds,
  inspector,
  inspection_rules: inspectionRules,
  ipmi,
  redfish,
  fake,
  timeline,
  events,
  cors,
  healthcheck,
  audit,
  log,
  metrics,
  sensor_data: sensorData,
  tracing,
} as const;

export type SectionName = keyof typeof sections;

/** The values of all options, section by section, each with the type its section declares. */
export type ConfigValues = { readonly [S in SectionName]: SectionValues<(typeof sections)[S]> };

const byName: Readonly<Record<string, Section>> = sections;

/** The section of this name, or undefined. */
export function findSection(name: string): Section | undefined {
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/** The option `section.key`, or undefined. */
export function findOption(section: string, key: string): AnyOption | undefined {
  const options = findSection(section);
  return options !== undefined && Object.hasOwn(options, key) ? options[key] : undefined;
}

/** Every option with its place, in the order of the sections. */
export function* eachOption(): Generator<{ section: string; key: string; option: AnyOption }> {
  for (const [section, options] of Object.entries(byName)) {
    for (const [key, option] of Object.entries(options)) {
      yield { section, key, option };
    }
  }
}
