// Describes a request that would change something, or opens a console, as an event of the Cloud Auditing Data Federation (DMTF DSP0262).
import { randomUUID } from 'node:crypto';

/** What is known of a request when it has been answered. */
export interface AuditedRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  readonly requestId: string;
  readonly user: string | null;
  readonly project: string | null;
  readonly roles: readonly string[];
  readonly address: string | undefined;
  readonly agent: string | undefined;
  /** Host name of this server. */
  readonly observer: string;
}

const actions: Readonly<Record<string, string>> = {
  GET: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
};

/** "/v1/nodes/UUID/states/power" is about the node UUID, and does "update/states/power"; the same below "/wrought". */
function targetOf(path: string): { typeURI: string; id: string; rest: string } {
  const [, , collection = 'unknown', id, ...rest] = path.replace(/^\/wrought(?=\/)/, '').split('/');
  const nested = collection === 'volume' ? `${collection}/${id ?? ''}` : collection;
  const [own, ...below] = collection === 'volume' ? rest : [id, ...rest];
  return {
    typeURI: `service/bare_metal/${nested}`,
    id: own === undefined || own === '' ? collection : own,
    rest: below.join('/'),
  };
}

/** The event of a request, as it stands in the audit log. */
export function auditEvent(request: AuditedRequest): object {
  const { method, path, status, requestId, user, project, roles, address, agent, observer } = request;
  const { typeURI, id, rest } = targetOf(path);
  const action = actions[method] ?? 'unknown';
  return {
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
    eventType: 'activity',
    id: randomUUID(),
    eventTime: new Date().toISOString(),
    action: rest === '' ? action : `${action}/${rest}`,
    // 202 says that the work has begun, not how it ends.
    outcome: status === 202 ? 'pending' : status < 400 ? 'success' : 'failure',
    reason: { reasonType: 'HTTP', reasonCode: String(status) },
    initiator: {
      typeURI: 'service/security/account/user',
      id: user ?? 'unknown',
      ...(project === null ? {} : { project_id: project }),
      ...(roles.length === 0 ? {} : { roles }),
      host: { address: address ?? 'unix', ...(agent === undefined ? {} : { agent }) },
    },
    target: { typeURI, id },
    observer: { typeURI: 'service/bare_metal', id: observer, name: 'wrought' },
    requestPath: path,
    request_id: requestId,
  };
}
