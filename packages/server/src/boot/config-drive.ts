// Config drives: an object becomes an ISO 9660 image labelled config-2 in gzip and base64; such text and URLs pass through.

import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type JsonObject, type Node, registeredError } from '@wrought/contract';
import { buildIso, type IsoFile } from './iso9660.ts';
import { type Iso, IsoProblem, readIso } from './iso9660-read.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** As large as Nova makes them; what is larger is passed on unread. */
const IMAGE_MAX_BYTES = 64 * 2 ** 20;

const LABEL = 'config-2';
/** Where cloud-init and its like look; both hold the same. */
const versions = ['latest', '2012-08-10'];
const members = ['meta_data', 'network_data', 'user_data', 'vendor_data'] as const;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(node: Node, reason: string) {
  return registeredError('InvalidParameterValue', { reason: `The config drive of node ${node.uuid}: ${reason}` });
}

/**
 * Checks the form of instance_info/configdrive.
 * @throws InvalidParameterValue
 */
export function checkConfigDrive(node: Node): void {
  const { configdrive } = node.instance_info;
  if (configdrive === undefined || configdrive === null || configdrive === '') {
    return;
  }
  if (isObject(configdrive)) {
    const unknown = Object.keys(configdrive).filter((key) => !members.some((member) => member === key));
    if (unknown.length > 0) {
      throw invalid(node, `it has ${unknown.join(', ')}; allowed: ${members.join(', ')}.`);
    }
    for (const member of ['meta_data', 'network_data'] as const) {
      if (configdrive[member] !== undefined && configdrive[member] !== null && !isObject(configdrive[member])) {
        throw invalid(node, `its ${member} must be an object.`);
      }
    }
    return;
  }
  const isText = typeof configdrive === 'string';
  if (!isText || !(/^https?:\/\//i.test(configdrive) || /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(configdrive))) {
    throw invalid(node, 'it must be an object, base64 text of a gzipped ISO 9660 image, or its URL.');
  }
}

/** Whether network metadata does not say how the machine reaches its networks: it was written before these had addresses, say. */
function isLacking(data: JsonObject, needsMtu: boolean): boolean {
  const list = (name: string): readonly unknown[] => (Array.isArray(data[name]) ? data[name] : []);
  const isEmpty = ['links', 'networks', 'services'].every((name) => list(name).length === 0);
  return isEmpty || (needsMtu && list('links').some((link) => !isObject(link) || typeof link.mtu !== 'number'));
}

/** The image in base64 and gzip; undefined for a URL, and for what is no such image. */
async function imageOf(configdrive: unknown): Promise<Iso | undefined> {
  if (typeof configdrive !== 'string' || /^https?:\/\//i.test(configdrive)) {
    return undefined;
  }
  try {
    const bytes = await expand(Buffer.from(configdrive, 'base64'), { maxOutputLength: IMAGE_MAX_BYTES });
    return readIso(bytes);
  } catch (error) {
    // Whatever it is, it is the user's, and is passed on unread.
    if (error instanceof IsoProblem || (error instanceof Error && 'code' in error)) {
      return undefined;
    }
    throw error;
  }
}

const NETWORK_DATA = /^openstack\/[^/]+\/network_data\.json$/;

function parsed(content: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(content).toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/**
 * The config drive with these network metadata, where it is an object or an image that lacks them; undefined where it does not, or can not
 * be looked into: what a URL holds is not asked for.
 * @param networkData called when they are needed; null: there are none
 */
export async function withNetworkData(
  { instance_info: { configdrive } }: Node,
  options: { readonly needsMtu: boolean },
  networkData: () => Promise<JsonObject | null>,
): Promise<JsonObject | string | undefined> {
  if (isObject(configdrive)) {
    const present = isObject(configdrive.network_data) ? configdrive.network_data : {};
    const network_data = isLacking(present, options.needsMtu) ? await networkData() : null;
    return network_data === null ? undefined : { ...configdrive, network_data };
  }
  const image = await imageOf(configdrive);
  const present = image?.files.filter(({ path }) => NETWORK_DATA.test(path)) ?? [];
  if (
    image === undefined ||
    (present.length > 0 && !present.some(({ content }) => isLacking(parsed(content), options.needsMtu)))
  ) {
    return undefined;
  }
  const data = await networkData();
  if (data === null) {
    return undefined;
  }
  const kept = image.files.filter(({ path }) => !NETWORK_DATA.test(path));
  const folders = new Set(kept.flatMap(({ path }) => /^openstack\/[^/]+(?=\/meta_data\.json$)/.exec(path)?.[0] ?? []));
  const made = [...folders].map((folder) => ({ path: `${folder}/network_data.json`, content: json(data) }));
  return asText(buildIso(image.label, [...kept, ...made]));
}

/** An image as the agent takes it. */
async function asText(image: Buffer): Promise<string> {
  return (await compress(image)).toString('base64');
}

/** Stable text, so that the same config drive always has the same bytes. */
function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The files of a config drive object. */
export function configDriveFiles(node: Node, configdrive: JsonObject): IsoFile[] {
  const { meta_data, network_data, user_data, vendor_data } = configdrive;
  const name = node.name === null ? {} : { name: node.name };
  const files: { name: string; content: Buffer }[] = [
    { name: 'meta_data.json', content: json({ uuid: node.uuid, ...name, ...(isObject(meta_data) ? meta_data : {}) }) },
  ];
  if (isObject(network_data)) {
    files.push({ name: 'network_data.json', content: json(network_data) });
  }
  if (user_data !== undefined && user_data !== null) {
    files.push({
      name: 'user_data',
      content: typeof user_data === 'string' ? Buffer.from(user_data) : json(user_data),
    });
  }
  if (vendor_data !== undefined && vendor_data !== null) {
    files.push({ name: 'vendor_data2.json', content: json(vendor_data) });
  }
  return versions.flatMap((version) =>
    files.map((file) => ({ path: `openstack/${version}/${file.name}`, content: file.content })),
  );
}

/**
 * What the agent gets as config drive: base64 of a gzipped image, or a URL; null when there is none.
 * @throws InvalidParameterValue
 */
export async function configDriveForAgent(node: Node): Promise<string | null> {
  checkConfigDrive(node);
  const { configdrive } = node.instance_info;
  if (isObject(configdrive)) {
    return asText(buildIso(LABEL, configDriveFiles(node, configdrive)));
  }
  return typeof configdrive === 'string' && configdrive !== '' ? configdrive : null;
}
