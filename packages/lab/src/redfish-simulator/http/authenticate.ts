// Who asks: the token of a session or a user with a password (DSP0266, 13.3), and what the role of the user allows.
import type { IncomingHttpHeaders } from 'node:http';
import type { RedfishBmc } from '../bmc.ts';
import { accountsOf } from '../resources/accounts.ts';
import { sessionsOf } from '../resources/sessions.ts';
import type { RoleName } from '../settings.ts';
import { Problem, problem } from './problem.ts';

export interface Who {
  readonly userName: string;
  readonly role: RoleName;
}

/** What can be read, and the log-in, without being anybody (DSP0266, 13.3.3). */
export function isPublic(method: string, path: string): boolean {
  if (method === 'GET' || method === 'HEAD') {
    return ['/redfish', '/redfish/v1', '/redfish/v1/odata', '/redfish/v1/$metadata'].includes(path);
  }
  return method === 'POST' && /^\/redfish\/v1\/SessionService\/Sessions(\/Members)?$/.test(path);
}

const unauthorized = (bmc: RedfishBmc) =>
  new Problem(401, [{ key: 'NoValidSession' }], { 'WWW-Authenticate': `Basic realm="${bmc.name}"` });

/** Who it is that asks. @throws Problem 401 */
export function authenticate(bmc: RedfishBmc, headers: IncomingHttpHeaders): Who {
  const token = headers['x-auth-token'];
  if (typeof token === 'string') {
    const session = sessionsOf(bmc).use(token);
    if (session === undefined) throw unauthorized(bmc);
    if (bmc.suffers('expired')) {
      sessionsOf(bmc).end(session.id);
      throw unauthorized(bmc);
    }
    const account = accountsOf(bmc).find(session.userName);
    if (account === undefined) throw unauthorized(bmc);
    return { userName: account.name, role: account.role };
  }
  const [, encoded] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (encoded === undefined) throw unauthorized(bmc);
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  const account = accountsOf(bmc).check(text.slice(0, colon), text.slice(colon + 1));
  if (account === undefined) throw unauthorized(bmc);
  return { userName: account.name, role: account.role };
}

/** @throws Problem 403 when the role does not allow the method at this path */
export function checkRole({ role }: Who, method: string, path: string): void {
  if (method === 'GET' || method === 'HEAD' || role === 'Administrator') return;
  const isOwnSession = method === 'DELETE' && path.startsWith('/redfish/v1/SessionService/Sessions/');
  const isOfSystem =
    role === 'Operator' && /^\/redfish\/v1\/(Systems|Chassis|Managers\/[^/]+\/VirtualMedia)\//i.test(path);
  if (!isOwnSession && !isOfSystem) throw problem(403, 'InsufficientPrivilege');
}
