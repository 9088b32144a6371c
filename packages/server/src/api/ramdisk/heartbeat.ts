// POST of an agent's sign of life: checks form and version; what it means is the conductor's business.
import { type HeartbeatBody, oneOf, registeredError, text, versionText } from '@wrought/contract';
import { findNode } from '../../store/nodes.ts';
import { readArguments } from '../core/body-arguments.ts';
import { objectBody } from '../core/read-body.ts';
import { type Answer, type ApiRequest, accepted } from '../core/route.ts';
import type { Services } from '../services.ts';

const TEXT_MAXIMUM = 65_536;
const anyText = text(TEXT_MAXIMUM);

/** Members of a heartbeat. */
export const heartbeatBody = {
  callback_url: { type: anyText, required: true },
  agent_version: { type: anyText },
  agent_token: { type: anyText },
  agent_verify_ca: { type: anyText },
  agent_status: { type: oneOf(['start', 'end', 'error']) },
  agent_status_message: { type: anyText },
} as const;

/** Versions of the members; a member below its version is a wrong request (400), not one that needs a newer version. */
const memberSince: Readonly<Record<string, number>> = {
  agent_version: 36,
  agent_verify_ca: 68,
  agent_status: 72,
  agent_status_message: 72,
};

export async function heartbeat(request: ApiRequest, { store, doors }: Services): Promise<Answer> {
  const { minor, params } = request;
  const present = Object.fromEntries(Object.entries(objectBody(request.body)).filter(([, value]) => value !== null));
  const values = readArguments({ ...request, body: present }, heartbeatBody);
  for (const name of Object.keys(values)) {
    const since = memberSince[name] ?? 1;
    if (since > minor) {
      throw registeredError('InvalidParameterValue', {
        reason: `The member ${name} of a heartbeat needs API version ${versionText(since)}; this request uses ${versionText(minor)}.`,
      });
    }
  }
  const ident = params.node ?? '';
  const node = await findNode(store.read, ident);
  if (node === undefined) {
    throw registeredError('NodeNotFound', { node: ident });
  }
  await doors.signal.heartbeat(node, values as HeartbeatBody);
  return accepted();
}
