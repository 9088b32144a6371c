// Where a service is, and which paths belong to it: a BMC never decides to which host credentials go.

export interface ServiceAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path of the service root, with a slash at its end. */
  readonly rootPath: string;
}

const defaultRootPath = '/redfish/v1/';

/**
 * Reads the address of a BMC: host name, address or URL; https when no scheme is given. A path is that of the service root.
 *
 * @throws RangeError when it is no such address.
 */
export function readAddress(text: string): ServiceAddress {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    throw new RangeError(`"${text}" is no address of a BMC; give https://host[:port][/path of the service root]`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new RangeError('the address of a BMC carries no credentials; give userName and password beside it');
  }
  const path = url.pathname === '/' ? defaultRootPath : url.pathname;
  return { origin: url.origin, rootPath: path.endsWith('/') ? path : `${path}/` };
}

/**
 * The path and query of a link or Location. Services behind a translated address name hosts of their own in absolute URLs:
 * the path counts, the host never.
 *
 * @returns undefined for what is no link.
 */
export function pathOf(link: string, origin: string): string | undefined {
  // A fragment (`.../Power#/PowerSupplies/0`) names a part of the resource, and is no part of a request.
  if (link === '' || link.startsWith('#') || !URL.canParse(link, origin)) return undefined;
  const { protocol, pathname, search } = new URL(link, origin);
  return protocol === 'https:' || protocol === 'http:' ? pathname + search : undefined;
}
