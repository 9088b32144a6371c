// What Keystone says of a token: whose it is, what it is for, which roles it carries.
import { KeystoneUnavailableError } from './connection.ts';
import type { KeystoneSession } from './session.ts';

const ACCESS_RULES_VERSION = '1.0';

interface Named {
  readonly id: string;
  readonly name: string;
}

interface InDomain extends Named {
  readonly domain: Named;
}

/** One kind of request for which an application credential may be used. */
export interface AccessRule {
  /** Type of the service in the catalogue: "baremetal". */
  readonly service: string;
  readonly method: string;
  /** May hold `{name}` and `*` for a segment, and `**` for any rest. */
  readonly path: string;
}

/** The content of a token, as far as it is used. */
export interface Token {
  readonly user: InDomain;
  readonly roles?: readonly Named[];
  readonly project?: InDomain;
  readonly domain?: Named;
  readonly system?: { readonly all?: boolean };
  /** With what it was made; without `access_rules` everything is allowed that its roles allow. */
  readonly application_credential?: { readonly access_rules?: readonly AccessRule[] | null };
  /** Absent where Keystone knows no admin project; every project counts as one then. */
  readonly is_admin_project?: boolean;
  /** ISO 8601. */
  readonly expires_at: string;
}

/**
 * Asks Keystone for a token of somebody else; undefined when it is none, or is no longer valid. It may have access rules: the
 * caller sees to it that they are enforced.
 * @param allowExpired a token that has expired is valid within the window of Keystone ([token] allow_expired_window)
 * @throws KeystoneUnavailableError when that can not be found out
 */
export async function validateToken(
  session: KeystoneSession,
  token: string,
  { allowExpired }: { allowExpired: boolean },
): Promise<Token | undefined> {
  const path = `/auth/tokens?nocatalog${allowExpired ? '&allow_expired=1' : ''}`;
  const { status, body } = await session.get(path, {
    'X-Subject-Token': token,
    // Keystone hands tokens with access rules out only to who says that they enforce them.
    'OpenStack-Identity-Access-Rules': ACCESS_RULES_VERSION,
  });
  if (status === 404) {
    return undefined;
  }
  if (status !== 200) {
    const remedy = status === 403 ? '; give the user of section [keystone] the role "service" or "admin"' : '';
    throw new KeystoneUnavailableError(
      `Keystone does not validate tokens for this server (status ${status})${remedy}.`,
    );
  }
  const content = (body as { token?: unknown } | undefined)?.token;
  if (!isToken(content)) {
    throw new KeystoneUnavailableError('Keystone described a token without its user or its end.');
  }
  return content;
}

function isToken(value: unknown): value is Token {
  const { user, expires_at } = (value ?? {}) as Partial<Token>;
  return (
    typeof user?.id === 'string' && typeof user.domain?.id === 'string' && !Number.isNaN(Date.parse(String(expires_at)))
  );
}
