// Virtual media: images that the machine sees as a drive, inserted and ejected the way each service wants it (VirtualMedia schema).
import { hasAction } from '../action.ts';
import type { Answer, CallOptions, Client } from '../client.ts';
import { MissingError, ResponseError, UnsupportedError } from '../errors.ts';
import { isMissing } from '../refusal.ts';
import type { Resource } from '../resource.ts';
import { managersOf } from './manager.ts';

export type MediaType = 'CD' | 'DVD' | 'Floppy' | 'USBStick';

export interface VirtualMedia {
  readonly resource: Resource;
  readonly mediaTypes: readonly string[];
  readonly image: string | undefined;
  readonly isInserted: boolean;
  readonly isWriteProtected: boolean | undefined;
  /** `URI`, `Applet`, `NotConnected` and so on. */
  readonly connectedVia: string | undefined;
}

/** Reads one virtual drive. */
export function readVirtualMedia(resource: Resource): VirtualMedia {
  const image = resource.text('Image');
  return {
    resource,
    mediaTypes: resource.strings('MediaTypes'),
    image,
    // Images that were ejected stay named on some services.
    isInserted:
      resource.text('ConnectedVia') !== 'NotConnected' && (resource.boolean('Inserted') ?? image !== undefined),
    isWriteProtected: resource.boolean('WriteProtected'),
    connectedVia: resource.text('ConnectedVia'),
  };
}

/**
 * Reads the virtual drives of a system: those of the system itself, or else those of its managers.
 *
 * @throws UnsupportedError when there are none.
 */
export async function listVirtualMedia(
  client: Client,
  system: Resource,
  options: CallOptions = {},
): Promise<VirtualMedia[]> {
  const own = system.link('VirtualMedia');
  const collections = own === undefined ? [] : [own];
  if (own === undefined) {
    for (const manager of await managersOf(client, system, options)) {
      const link = manager.link('VirtualMedia');
      if (link !== undefined) collections.push(link);
    }
  }
  const found: VirtualMedia[] = [];
  for (const collection of collections)
    found.push(...(await client.members(collection, options)).map(readVirtualMedia));
  if (found.length > 0) return found;
  throw new UnsupportedError(system.named(), 'the BMC offers no virtual media; some need a licence for it');
}

export interface MediaImage {
  /** URL that the BMC reads it from. */
  readonly image: string;
  readonly mediaType?: MediaType;
  /** Default true; sent only when false: it is the default of the schema, and some BMCs refuse to be told. */
  readonly isWriteProtected?: boolean;
  readonly userName?: string;
  readonly password?: string;
  /** `Stream` or `Upload`. */
  readonly transferMethod?: 'Stream' | 'Upload';
}

const protocols: Readonly<Record<string, string>> = {
  'http:': 'HTTP',
  'https:': 'HTTPS',
  'nfs:': 'NFS',
  'cifs:': 'CIFS',
  'smb:': 'CIFS',
  'ftp:': 'FTP',
};

/**
 * Inserts an image. Services without the action are asked by PATCH; parameters that are optional in the schema and that a
 * service wants are added.
 */
export async function insertMedia(
  client: Client,
  media: Resource,
  { image, mediaType, isWriteProtected = true, userName, password, transferMethod }: MediaImage,
  options: CallOptions = {},
): Promise<Answer> {
  const protocol = protocols[new URL(image).protocol] ?? 'HTTP';
  const chosen = {
    Image: image,
    // What is not the usual way is named; there are services that do not read it from the URL.
    ...(protocol.startsWith('HTTP') ? {} : { TransferProtocolType: protocol }),
    ...(isWriteProtected ? {} : { WriteProtected: false }),
    ...(userName === undefined ? {} : { UserName: userName, Password: password ?? '' }),
    ...(transferMethod === undefined ? {} : { TransferMethod: transferMethod }),
  };
  if (!hasAction(media, 'VirtualMedia.InsertMedia')) {
    return client.patch(media, { ...chosen, Inserted: true, WriteProtected: isWriteProtected }, options);
  }
  const insert = (more: object) => client.action(media, 'VirtualMedia.InsertMedia', { ...chosen, ...more }, options);
  const wanted: readonly (readonly [name: string, more: object])[] = [
    ['TransferProtocolType', { TransferProtocolType: protocol }],
    ['MediaType', { MediaType: mediaType ?? 'CD' }],
    ['TransferMethod', { TransferMethod: 'Stream' }],
    ['Inserted', { Inserted: true }],
    // BMCs that want credentials also for servers that ask for none take any.
    ['UserName', { UserName: 'none', Password: 'none' }],
    ['Password', { UserName: 'none', Password: 'none' }],
  ];
  let more = {};
  for (let turn = 0; ; turn++) {
    try {
      return await insert(more);
    } catch (error) {
      const added = wanted.filter(([name]) => !(name in more) && !(name in chosen) && isMissing(error, name));
      if (added.length === 0 || turn === wanted.length) throw error;
      more = Object.assign({}, more, ...added.map(([, each]) => each));
    }
  }
}

/** Asks to eject in the way that the resource offers. */
const askToEject = (client: Client, media: Resource, options: CallOptions): Promise<Answer> =>
  hasAction(media, 'VirtualMedia.EjectMedia')
    ? client.action(media, 'VirtualMedia.EjectMedia', {}, options)
    : client.patch(media, { Image: null, Inserted: false }, options);

/** Ejects what is inserted; a drive that is empty already is no error. */
export async function ejectMedia(
  client: Client,
  media: Resource,
  options: CallOptions = {},
): Promise<Answer | undefined> {
  try {
    return await askToEject(client, media, options);
  } catch (error) {
    if (error instanceof MissingError) return undefined;
    if (!(error instanceof ResponseError && [400, 405, 409, 500].includes(error.status))) throw error;
    const now = await client.get(media.path, options);
    if (!readVirtualMedia(now).isInserted) return undefined;
    // The action is there only while something is inserted on some services.
    const hasChanged = hasAction(now, 'VirtualMedia.EjectMedia') !== hasAction(media, 'VirtualMedia.EjectMedia');
    if (hasChanged) return askToEject(client, now, options);
    throw error;
  }
}
