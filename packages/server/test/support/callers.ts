// Callers for tests of the policy: every role in the system, in the project that owns, in the one that leases, and in a foreign one.
import { anonymousCaller, type Caller } from '../../src/api/policy/caller.ts';

export const OWNER = 'project-that-owns';
export const LESSEE = 'project-that-leases';

const implied: Readonly<Record<string, readonly string[]>> = {
  admin: ['admin', 'manager', 'member', 'reader'],
  manager: ['manager', 'member', 'reader'],
  member: ['member', 'reader'],
  reader: ['reader'],
  service: ['service'],
};

const scopes: Readonly<Record<string, Partial<Caller>>> = {
  system: { system_scope: 'all' },
  owner: { project_id: OWNER, project_name: 'owner' },
  lessee: { project_id: LESSEE, project_name: 'lessee' },
  foreign: { project_id: 'another-project', project_name: 'another' },
  domain: { domain_id: 'default' },
};

/** Names of all callers: "system admin", "owner reader", ... */
export const callerNames: readonly string[] = Object.keys(scopes).flatMap((scope) =>
  Object.keys(implied).map((role) => `${scope} ${role}`),
);

/** The caller of a name, with the roles that Keystone implies. */
export function callerNamed(name: string): Caller {
  const [scope = '', role = ''] = name.split(' ');
  const roles = implied[role];
  const where = scopes[scope];
  if (roles === undefined || where === undefined) {
    throw new Error(`There is no caller "${name}".`);
  }
  return { ...anonymousCaller, is_public_api: false, user_id: `user of ${name}`, ...where, roles };
}
