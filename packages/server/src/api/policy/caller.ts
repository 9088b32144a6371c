// Who calls, as policy rules see it.

import type { AccessRule } from '../../openstack/keystone/token.ts';

/** What is known of a caller who proved who they are to an identity service. */
export interface Caller {
  readonly user_id: string | null;
  readonly user_domain_id: string | null;
  readonly project_id: string | null;
  readonly project_name: string | null;
  readonly project_domain_id: string | null;
  /** The domain that the token is for; null for tokens of a project or of the system. */
  readonly domain_id: string | null;
  readonly system_scope: 'all' | null;
  readonly roles: readonly string[];
  readonly is_admin_project: boolean;
  /** The only requests that the token may be used for; absent: all. */
  readonly access_rules?: readonly AccessRule[];
  /** The route is open to everybody. */
  readonly is_public_api: boolean;
}

/** A caller of whom nothing is known: on public routes. */
export const anonymousCaller: Caller = {
  user_id: null,
  user_domain_id: null,
  project_id: null,
  project_name: null,
  project_domain_id: null,
  domain_id: null,
  system_scope: null,
  roles: [],
  is_admin_project: false,
  is_public_api: true,
};

/** What the token of a caller is for. */
export function scopeOf(caller: Caller): 'system' | 'domain' | 'project' | 'none' {
  if (caller.system_scope !== null) {
    return 'system';
  }
  if (caller.domain_id !== null) {
    return 'domain';
  }
  return caller.project_id === null ? 'none' : 'project';
}
