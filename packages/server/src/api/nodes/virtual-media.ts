// Routes of a node's virtual media: images that it sees as drives of its own.
import {
  oneOf,
  pattern,
  registeredError,
  type VirtualMediaType,
  type VirtualMedium,
  virtualMediaTypes,
} from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { listArgument } from '../core/query.ts';
import { noContent, okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const MEDIA_SINCE = 89;
const LIST_SINCE = 93;
const imageUrl = pattern(
  /^(https?|file|nfs|cifs|smb|glance|oci):\/\/\S+$/,
  'a URL of an image (http, https, file, nfs, ...)',
);

const body = {
  device_type: { type: oneOf(virtualMediaTypes), required: true },
  image_url: { type: imageUrl, required: true },
  image_download_source: { type: oneOf(['http', 'local', 'swift']) },
} as const;

function readTypes(query: Readonly<Record<string, string>>): readonly VirtualMediaType[] {
  const types = listArgument(query, 'device_types') ?? [];
  const wrong = types.find((type) => !(virtualMediaTypes as readonly string[]).includes(type));
  if (wrong !== undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument device_types has the invalid value "${wrong}"; allowed: ${virtualMediaTypes.join(', ')}.`,
    });
  }
  return types as readonly VirtualMediaType[];
}

export function virtualMediaRoutes(services: Services): readonly Route[] {
  const { call, start } = services.doors;
  const path = '/v1/nodes/:node/vmedia';
  return [
    {
      method: 'GET',
      path,
      policy: { onObject: 'baremetal:node:vmedia:get' },
      since: LIST_SINCE,
      handle: async (request) => okJson(await call.virtualMedia(await nodeOf(services, request))),
    },
    {
      method: 'POST',
      path,
      takes: { members: body },
      policy: { onObject: 'baremetal:node:vmedia:attach' },
      since: MEDIA_SINCE,
      handle: async (request) => {
        const wanted = readArguments(request, body) as Partial<VirtualMedium>;
        const medium = { image_download_source: 'local', ...wanted } as VirtualMedium;
        const node = await nodeOf(services, request);
        await start.attachVirtualMedium({ node, requester: request.requester, medium });
        return noContent;
      },
    },
    {
      method: 'DELETE',
      path,
      policy: { onObject: 'baremetal:node:vmedia:detach' },
      since: MEDIA_SINCE,
      query: ['device_types'],
      handle: async (request) => {
        const types = readTypes(request.query);
        const node = await nodeOf(services, request);
        await start.detachVirtualMedia({ node, requester: request.requester, types });
        return noContent;
      },
    },
  ];
}
