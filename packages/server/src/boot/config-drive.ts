// Config drives: an object becomes an ISO 9660 image labelled config-2 in gzip and base64; such text and URLs pass through.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type JsonObject, type Node, registeredError } from '@wrought/contract';
import { buildIso, type IsoFile } from './iso9660.ts';

const compress = promisify(gzip);

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

/**
 * Whether the config drive is an object whose network metadata does not say how the machine reaches its networks: it was written before
 * the network service had chosen addresses, say. What an image or a URL holds is not looked at.
 */
export function lacksNetworkData(
  { instance_info: { configdrive } }: Node,
  options: { readonly needsMtu: boolean },
): boolean {
  if (!isObject(configdrive)) {
    return false;
  }
  const data = isObject(configdrive.network_data) ? configdrive.network_data : {};
  const list = (name: string): readonly unknown[] => (Array.isArray(data[name]) ? data[name] : []);
  const isEmpty = ['links', 'networks', 'services'].every((name) => list(name).length === 0);
  return isEmpty || (options.needsMtu && list('links').some((link) => !isObject(link) || typeof link.mtu !== 'number'));
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
    const image = await compress(buildIso(LABEL, configDriveFiles(node, configdrive)));
    return image.toString('base64');
  }
  return typeof configdrive === 'string' && configdrive !== '' ? configdrive : null;
}
