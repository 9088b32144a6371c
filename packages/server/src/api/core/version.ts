// Negotiates the microversion of a request and makes the headers that tell of it.

import type { IncomingHttpHeaders } from 'node:http';
import { MAXIMUM_MINOR, MINIMUM_MINOR, readVersion, requestedVersionText, versionText } from '@wrought/contract';
import { FrameworkError } from './error-body.ts';

const minimum = versionText(MINIMUM_MINOR);
const maximum = versionText(MAXIMUM_MINOR);

const limits = {
  'X-OpenStack-Ironic-API-Minimum-Version': minimum,
  'X-OpenStack-Ironic-API-Maximum-Version': maximum,
} as const;

/** Headers of an answer to a client whose version was refused as out of range. */
export const versionLimitHeaders: Readonly<Record<string, string>> = limits;

const headersByMinor = Array.from({ length: MAXIMUM_MINOR + 1 }, (_, minor) => ({
  ...limits,
  'X-OpenStack-Ironic-API-Version': versionText(minor),
}));

/** Headers of an answer in this version. */
export function versionHeaders(minor: number): Readonly<Record<string, string>> {
  return headersByMinor[minor] ?? limits;
}

/** The minor version that a request asks for. @throws FrameworkError 406 for a version that is malformed or does not exist */
export function negotiate(headers: IncomingHttpHeaders): number {
  const requested = readVersion(requestedVersionText(headers));
  switch (requested.kind) {
    case 'minor':
      return requested.minor;
    case 'out of range':
      throw new FrameworkError(
        406,
        `Version ${requested.text} was requested, but this server speaks versions ${minimum} to ${maximum}.`,
        { withVersionLimits: true },
      );
    case 'malformed':
      throw new FrameworkError(
        406,
        `The header X-OpenStack-Ironic-API-Version has the invalid value "${requested.text}"; allowed: a version from ` +
          `${minimum} to ${maximum}, or "latest".`,
      );
  }
}

/** The minor version in the API's own header alone, undefined when it is absent or no version. */
export function ownHeaderMinor(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['x-openstack-ironic-api-version'];
  if (value === undefined) {
    return undefined;
  }
  const requested = readVersion(String(value));
  return requested.kind === 'minor' ? requested.minor : undefined;
}
