// The documents at `/` and `/v1`: which versions there are, and which resources a version has.
import { discoveredResources, MAXIMUM_MINOR, MINIMUM_MINOR, versionText } from '@wrought/contract';
import { ok, type Route } from '../core/route.ts';
import { linksJson } from '../core/serialize.ts';

const PRODUCT_DESCRIPTION =
  'Wrought provisions and manages physical machines through the OpenStack Bare Metal (Ironic) API.';
/** As Ironic spells it, doubled slashes and all. */
const API_DOCUMENTATION = 'https://docs.openstack.org//ironic/latest/contributor//webapi.html';

function versionDocument(base: string) {
  return {
    id: 'v1',
    links: [{ href: `${base}/v1/`, rel: 'self' }],
    status: 'CURRENT',
    min_version: versionText(MINIMUM_MINOR),
    version: versionText(MAXIMUM_MINOR),
  };
}

/** Body of `GET /`. The name is the one that clients of this API look for. */
export function rootDocument(base: string): string {
  const version = versionDocument(base);
  return JSON.stringify({
    name: 'OpenStack Ironic API',
    description: PRODUCT_DESCRIPTION,
    default_version: version,
    versions: [version],
  });
}

function v1Document(base: string, minor: number): string {
  const document = {
    id: 'v1',
    links: [
      { href: `${base}/v1/`, rel: 'self' },
      { href: API_DOCUMENTATION, rel: 'describedby', type: 'text/html' },
    ],
    media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
    version: versionDocument(base),
  };
  const resources = Object.entries(discoveredResources)
    .filter(([, since]) => since <= minor)
    .map(([name]) => `,"${name}":${linksJson(base, `${name}/`)}`);
  return `${JSON.stringify(document).slice(0, -1)}${resources.join('')}}`;
}

export const discoveryRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1', policy: 'anyone', handle: ({ base, minor }) => ok(v1Document(base, minor)) },
];
