// Routes of a node's boot device and of the non-maskable interrupt.
import { flag, text } from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { noContent, okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const body = {
  boot_device: { type: text(255, { minimum: 1 }), required: true },
  persistent: { type: flag },
} as const;

export function managementRoutes(services: Services): readonly Route[] {
  const { call } = services.doors;
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/management/boot_device',
      policy: { onObject: 'baremetal:node:get_boot_device' },
      handle: async (request) => okJson(await call.getBootDevice(await nodeOf(services, request))),
    },
    {
      method: 'PUT',
      path: '/v1/nodes/:node/management/boot_device',
      policy: { onObject: 'baremetal:node:set_boot_device' },
      query: Object.keys(body),
      takes: { members: body },
      handle: async (request) => {
        const wanted = readArguments(request, body) as { boot_device: string; persistent?: boolean };
        const node = await nodeOf(services, request);
        await call.setBootDevice(node, wanted.boot_device, wanted.persistent ?? false);
        return noContent;
      },
    },
    {
      method: 'GET',
      path: '/v1/nodes/:node/management/boot_device/supported',
      policy: { onObject: 'baremetal:node:get_boot_device' },
      handle: async (request) => {
        const devices = await call.supportedBootDevices(await nodeOf(services, request));
        return okJson({ supported_boot_devices: devices });
      },
    },
    {
      method: 'PUT',
      path: '/v1/nodes/:node/management/inject_nmi',
      policy: { onObject: 'baremetal:node:inject_nmi' },
      since: 29,
      tooOld: 'fault 404',
      handle: async (request) => {
        await call.injectNmi(await nodeOf(services, request));
        return noContent;
      },
    },
  ];
}
