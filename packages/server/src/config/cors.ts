// Options of cross-origin requests: which web pages of other origins may call the API.
import { boolean, integer, textList } from './option.ts';

export const cors = {
  allowed_origin: textList({
    default: [],
    reloadable: true,
    description: 'Origins such as "https://dashboard.example.org" whose pages may call the API; "*" for every one.',
  }),
  allow_credentials: boolean({
    default: true,
    reloadable: true,
    description: 'Pages may send credentials along; never with the origin "*".',
  }),
  max_age: integer({
    default: 3600,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'How long browsers may remember the answer about an origin.',
  }),
  allow_methods: textList({
    default: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'],
    reloadable: true,
    description: 'Methods that pages may use.',
  }),
  allow_headers: textList({
    default: [
      'Authorization',
      'Content-Type',
      'OpenStack-API-Version',
      'X-Auth-Token',
      'X-OpenStack-Ironic-API-Version',
      'X-OpenStack-Request-ID',
    ],
    reloadable: true,
    description: 'Headers that pages may send.',
  }),
  expose_headers: textList({
    default: [
      'Openstack-Request-Id',
      'X-OpenStack-Ironic-API-Maximum-Version',
      'X-OpenStack-Ironic-API-Minimum-Version',
      'X-OpenStack-Ironic-API-Version',
      'X-OpenStack-Request-ID',
    ],
    reloadable: true,
    description: 'Headers of answers that pages may read.',
  }),
} as const;
