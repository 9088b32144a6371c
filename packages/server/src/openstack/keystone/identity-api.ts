// What Keystone's API v3 takes and gives where somebody logs in: pure functions, for the server and the command line alike.

/** Names or ids; an id goes before a name. */
export interface NamedIn {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly domainId?: string | undefined;
  readonly domainName?: string | undefined;
}

/** What proves who logs in. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: NamedIn; readonly password: string }
  | { readonly kind: 'application credential'; readonly id: string; readonly secret: string };

/** What the token shall be for; application credentials carry theirs, so it is left out there. */
export type Scope =
  | { readonly kind: 'system' }
  | { readonly kind: 'project'; readonly project: NamedIn }
  | { readonly kind: 'domain'; readonly domain: Pick<NamedIn, 'id' | 'name'> };

/** One service of the catalogue that a login brings. */
export interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly {
    readonly interface: string;
    readonly region_id?: string | null;
    readonly url: string;
  }[];
}

/** The URL of API v3 for the URL that somebody configured, without a slash at its end. */
export function identityUrl(configured: string): string {
  const url = configured.replace(/\/+$/, '');
  return url.endsWith('/v3') ? url : `${url}/v3`;
}

/** The body of `POST /v3/auth/tokens`. */
export function loginBody(credentials: Credentials, scope?: Scope | undefined): object {
  const identity =
    credentials.kind === 'password'
      ? {
          methods: ['password'],
          password: { user: { ...reference(credentials.user), password: credentials.password } },
        }
      : {
          methods: ['application_credential'],
          application_credential: { id: credentials.id, secret: credentials.secret },
        };
  return { auth: { identity, ...(scope === undefined ? {} : { scope: scopeBody(scope) }) } };
}

function scopeBody(scope: Scope): object {
  switch (scope.kind) {
    case 'system':
      return { system: { all: true } };
    case 'domain':
      return { domain: scope.domain.id === undefined ? { name: scope.domain.name } : { id: scope.domain.id } };
    case 'project':
      return { project: reference(scope.project) };
  }
}

function reference({ id, name, domainId, domainName }: NamedIn): object {
  if (id !== undefined) {
    return { id };
  }
  return { name, domain: domainId === undefined ? { name: domainName ?? 'Default' } : { id: domainId } };
}

/**
 * The URL of a service without a slash at its end, or undefined when the catalogue has none that fits.
 * @param region undefined: any
 */
export function endpointOf(
  catalog: readonly CatalogEntry[],
  wanted: { readonly type: string; readonly interface: string; readonly region?: string | undefined },
): string | undefined {
  return catalog
    .filter(({ type }) => type === wanted.type)
    .flatMap(({ endpoints }) => endpoints)
    .find(
      (endpoint) =>
        endpoint.interface === wanted.interface &&
        (wanted.region === undefined || endpoint.region_id === wanted.region),
    )
    ?.url.replace(/\/+$/, '');
}
