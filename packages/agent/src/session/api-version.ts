// Chooses the microversion of a request: the highest that both the server and this agent know.
import type { ApiRoot } from '@wrought/contract';

/**
 * The microversion to send.
 *
 * @param root the server's answer to `GET /`, null when it could not be read: then the agent's own highest is sent.
 * @param highest the highest that the agent knows for the request, `[major, minor]`.
 */
export function negotiateVersion(root: ApiRoot | null, highest: readonly [number, number]): string {
  const offered = /^(\d+)\.(\d+)$/.exec(root?.default_version?.version ?? '');
  const [major, minor] = highest;
  if (offered === null || Number(offered[1]) !== major) return `${major}.${minor}`;
  return `${major}.${Math.min(minor, Number(offered[2]))}`;
}
