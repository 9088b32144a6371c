// Firmware: what is installed, and updates that the BMC fetches or gets sent (UpdateService, SoftwareInventory schemas).
import { hasAction } from '../action.ts';
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import { type FileSource, fileBody, formBody } from '../http/bodies.ts';
import { isMissing } from '../refusal.ts';
import type { Resource } from '../resource.ts';
import { type ApplyTime, operationApplyTimes } from '../settings.ts';
import { readStatus, type Status } from './health.ts';
import { partOfRoot } from './root.ts';

export interface UpdateService {
  readonly resource: Resource;
  readonly isEnabled: boolean | undefined;
  /** Whether it fetches an image from a URL. */
  readonly canPull: boolean;
  /** Where an image is sent as a form. */
  readonly multipartPath: string | undefined;
  /** Where an image is sent as it is. */
  readonly pushPath: string | undefined;
  readonly maximumImageBytes: number | undefined;
  readonly inventoryPath: string | undefined;
  readonly softwareInventoryPath: string | undefined;
}

/**
 * Reads the update service.
 *
 * @throws MissingError when there is none.
 */
export async function readUpdateService(client: Client, options: CallOptions = {}): Promise<UpdateService> {
  const resource = await client.get(await partOfRoot(client, 'UpdateService', options), options);
  return {
    resource,
    isEnabled: resource.boolean('ServiceEnabled'),
    canPull: hasAction(resource, 'UpdateService.SimpleUpdate'),
    multipartPath: resource.text('MultipartHttpPushUri'),
    pushPath: resource.text('HttpPushUri'),
    maximumImageBytes: resource.number('MaxImageSizeBytes'),
    inventoryPath: resource.link('FirmwareInventory'),
    softwareInventoryPath: resource.link('SoftwareInventory'),
  };
}

export interface Firmware {
  readonly path: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly softwareId: string | undefined;
  readonly manufacturer: string | undefined;
  readonly releaseDate: string | undefined;
  readonly lowestSupportedVersion: string | undefined;
  readonly isUpdateable: boolean | undefined;
  /** Resources that it runs in. */
  readonly relatedPaths: readonly string[];
  readonly status: Status;
}

/** Reads which firmware is installed; with "software" the software inventory. */
export async function readFirmware(
  client: Client,
  service: UpdateService,
  options: CallOptions & { readonly kind?: 'firmware' | 'software' } = {},
): Promise<Firmware[]> {
  const { kind = 'firmware', ...call } = options;
  const collection = kind === 'firmware' ? service.inventoryPath : service.softwareInventoryPath;
  const found = collection === undefined ? [] : await client.members(collection, call);
  return found.map((each) => ({
    path: each.path,
    id: each.id,
    name: each.text('Name'),
    version: each.text('Version'),
    softwareId: each.text('SoftwareId'),
    manufacturer: each.text('Manufacturer'),
    releaseDate: each.text('ReleaseDate'),
    lowestSupportedVersion: each.text('LowestSupportedVersion'),
    isUpdateable: each.boolean('Updateable'),
    relatedPaths: each.links('RelatedItem'),
    status: readStatus(each),
  }));
}

export interface UpdateOptions extends CallOptions {
  /** Paths of what is to be updated; the image decides when absent. */
  readonly targets?: readonly string[];
  /** Sent where the service says that it supports it. */
  readonly applyTime?: ApplyTime;
}

export interface PullOptions extends UpdateOptions {
  readonly userName?: string;
  readonly password?: string;
}

const annotation = '@Redfish.OperationApplyTime';
/** Images have hundreds of megabytes, and BMCs slow networks. */
const pushTimeoutMilliseconds = 1_800_000;

/**
 * Lets the BMC fetch an image and install it. The answer is a task: see `Client.task`.
 *
 * @param imageUri from where the BMC reads it.
 * @throws UnsupportedError when it cannot fetch.
 */
export async function pullUpdate(
  client: Client,
  { resource }: UpdateService,
  imageUri: string,
  { targets, applyTime, userName, password, ...options }: PullOptions = {},
): Promise<Answer> {
  const name = 'UpdateService.SimpleUpdate';
  const action = resource.object('Actions')?.object(`#${name}`);
  const canDelay = applyTime !== undefined && action !== undefined && operationApplyTimes(action).includes(applyTime);
  const protocol = new URL(imageUri).protocol.replace(':', '').toUpperCase();
  const body = {
    ImageURI: imageUri,
    ...(targets === undefined ? {} : { Targets: targets }),
    ...(userName === undefined ? {} : { Username: userName, Password: password ?? '' }),
    ...(canDelay ? { [annotation]: applyTime } : {}),
  };
  // The schema lets the protocol follow from the URI; services that list protocols often want it named.
  const named = action?.allowableValues('TransferProtocol')?.includes(protocol) ? { TransferProtocol: protocol } : {};
  try {
    return await client.action(resource, name, { ...body, ...named }, options);
  } catch (error) {
    if ('TransferProtocol' in named || !isMissing(error, 'TransferProtocol')) throw error;
    return client.action(resource, name, { ...body, TransferProtocol: protocol }, { ...options, unchecked: true });
  }
}

/** Targets and apply time of an image that is sent as it is are set before it at the service. */
async function preparePush(client: Client, resource: Resource, { targets, applyTime, ...call }: UpdateOptions) {
  const settings = resource.object('HttpPushUriOptions')?.object('HttpPushUriApplyTime');
  const body = {
    ...(targets !== undefined && resource.has('HttpPushUriTargets') ? { HttpPushUriTargets: targets } : {}),
    ...(applyTime !== undefined && settings !== undefined
      ? { HttpPushUriOptions: { HttpPushUriApplyTime: { ApplyTime: applyTime } } }
      : {}),
  };
  if (Object.keys(body).length > 0) await client.patch(resource, body, call);
}

/**
 * Sends an image to the BMC, which installs it: as a form where the service takes that, else as it is. The answer is a task.
 * The time-out is half an hour unless the caller names one.
 *
 * @throws UnsupportedError when the service takes no images, or none this large.
 */
export async function pushUpdate(
  client: Client,
  service: UpdateService,
  image: FileSource,
  options: UpdateOptions = {},
): Promise<Answer> {
  const { targets, applyTime, ...rest } = options;
  const call = { timeoutMilliseconds: pushTimeoutMilliseconds, ...rest };
  const { resource, multipartPath, pushPath, maximumImageBytes } = service;
  const file = await fileBody(image);
  if (maximumImageBytes !== undefined && maximumImageBytes > 0 && file.bytes > maximumImageBytes) {
    const what = `the image has ${file.bytes} bytes, the BMC takes ${maximumImageBytes}`;
    throw new UnsupportedError(resource.named('POST'), what);
  }
  if (multipartPath !== undefined) {
    const UpdateParameters = {
      Targets: targets ?? [],
      ...(applyTime === undefined ? {} : { [annotation]: applyTime }),
    };
    const stream = await formBody({ UpdateParameters }, 'UpdateFile', image);
    return client.send('POST', multipartPath, { ...call, stream });
  }
  if (pushPath === undefined) throw new UnsupportedError(resource.named('POST'), 'the BMC takes no images');
  await preparePush(client, resource, options);
  return client.send('POST', pushPath, { ...call, stream: file });
}

/** Begins updates that were sent before with the apply time `OnStartUpdateRequest`. */
export const startUpdate = (client: Client, service: UpdateService, options?: CallOptions): Promise<Answer> =>
  client.action(service.resource, 'UpdateService.StartUpdate', {}, options);
