// Which quirks a service has, and what is done otherwise with it.
import type { Client } from '../client.ts';
import type { Resource } from '../resource.ts';
import { type Behaviour, usualBehaviour } from './behaviour.ts';
import { dellQuirks } from './dell.ts';
import { fujitsuQuirks } from './fujitsu.ts';
import { hpeQuirks } from './hpe.ts';
import { lenovoQuirks } from './lenovo.ts';
import { nvidiaQuirks } from './nvidia.ts';
import { openBmcQuirks } from './openbmc.ts';
import { otherQuirks } from './others.ts';
import type { Quirk, QuirkyService } from './quirk.ts';
import { supermicroQuirks } from './supermicro.ts';

/** All known quirks; of two remedies of one service the later one holds. */
export const quirks: readonly Quirk[] = [
  ...otherQuirks,
  ...openBmcQuirks,
  ...nvidiaQuirks,
  ...fujitsuQuirks,
  ...lenovoQuirks,
  ...supermicroQuirks,
  ...hpeQuirks,
  ...dellQuirks,
];

/** What a service says of itself. */
export interface ServiceIdentity {
  /** Vendor of the service, manufacturers of system and manager, and under which names `Oem` parts are. */
  readonly vendors: readonly string[];
  /** Models of system and manager, product of the service. */
  readonly models: readonly string[];
  readonly firmwareVersion: string | undefined;
  readonly redfishVersion: string | undefined;
}

/** Puts together who a service is, from the resources that are at hand. */
export function identityOf(root: Resource, system?: Resource, manager?: Resource): ServiceIdentity {
  const known = (...values: readonly (string | undefined)[]) => values.filter((each) => each !== undefined);
  return {
    vendors: [
      ...known(root.text('Vendor'), system?.text('Manufacturer'), manager?.text('Manufacturer')),
      ...Object.keys(root.object('Oem')?.json ?? {}),
    ],
    models: known(root.text('Product'), system?.text('Model'), manager?.text('Model')),
    firmwareVersion: manager?.text('FirmwareVersion'),
    redfishVersion: root.text('RedfishVersion'),
  };
}

/** The numbers of a version: [7, 10, 30] of "7.10.30.00", "iLO 5 v3.01" gives those of the last word. */
function numbersOf(version: string): number[] {
  const word = version.match(/\d+([._-]\d+)+/)?.[0] ?? version.match(/\d+/)?.[0] ?? '';
  return word.split(/[._-]/).map(Number);
}

/** Below zero when a is the older version. Numbers that one of them does not have are zero. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const includes = (texts: readonly string[], part: string): boolean =>
  texts.some((text) => text.toLowerCase().includes(part.toLowerCase()));

/** Short vendor names are parts of other words: only whole words count. */
const hasVendor = (vendors: readonly string[], vendor: string): boolean =>
  vendors.some((each) => ` ${each.toLowerCase().replace(/[^a-z0-9_]+/g, ' ')} `.includes(` ${vendor} `)) ||
  (vendor.length > 3 && includes(vendors, vendor));

function matches(service: QuirkyService, identity: ServiceIdentity): boolean {
  const { models, from, before, redfishVersion } = service;
  const version = identity.firmwareVersion;
  return (
    hasVendor(identity.vendors, service.vendor) &&
    (models === undefined || models.some((model) => includes(identity.models, model))) &&
    (from === undefined || (version !== undefined && compareVersions(version, from) >= 0)) &&
    (before === undefined || (version !== undefined && compareVersions(version, before) < 0)) &&
    (redfishVersion === undefined || redfishVersion === identity.redfishVersion)
  );
}

/** The quirks that a service is known to have, by what it says of itself. */
export const quirksOf = (identity: ServiceIdentity): Quirk[] =>
  quirks.filter(({ services }) => services.some((service) => matches(service, identity)));

/** What is done with a service, its quirks considered. */
export function behaviourOf(identity: ServiceIdentity): Behaviour {
  const remedies = quirksOf(identity).map(({ remedy }) => (typeof remedy === 'object' ? remedy : {}));
  return Object.assign({}, usualBehaviour, ...remedies);
}

/**
 * Makes a client behave as its service needs it.
 *
 * @returns the quirks that were found.
 */
export async function adoptQuirks(client: Client, system?: Resource, manager?: Resource): Promise<Quirk[]> {
  const identity = identityOf(await client.root(), system, manager);
  client.behaviour = behaviourOf(identity);
  return quirksOf(identity);
}
