// GET of the description of the API, of any version.
import { MAXIMUM_MINOR, readVersion, registeredError, versionText } from '@wrought/contract';
import { OPENAPI_PATH } from '../core/path.ts';
import { okJson, type Route } from '../core/route.ts';
import { openapiDocument } from './document.ts';

/** The route of the description of `routes`. */
export function openapiRoutes(routes: readonly Route[]): readonly Route[] {
  return [
    {
      method: 'GET',
      path: OPENAPI_PATH,
      policy: 'anyone',
      query: ['version'],
      handle: ({ query, base }) => okJson(openapiDocument(routes, readMinor(query.version), base)),
    },
  ];
}

function readMinor(text: string | undefined): number {
  if (text === undefined) {
    return MAXIMUM_MINOR;
  }
  const version = readVersion(text);
  if (version.kind !== 'minor') {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument version has the invalid value "${text}"; allowed: 1.1 to ${versionText(MAXIMUM_MINOR)}, or "latest".`,
    });
  }
  return version.minor;
}
