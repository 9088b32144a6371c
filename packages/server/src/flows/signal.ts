// The door for signals of agents: lookups that hand out the token, and heartbeats that wake the run that waits for them.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AGENT_TOKEN_MASK, type HeartbeatBody, type JsonObject, type Node, registeredError } from '@wrought/contract';
import { findNodeById, mergeObject, updateNode } from '../store/nodes.ts';
import { now, secondsSince } from '../store/time.ts';
import type { SignalDoor } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import type { Engine } from './engine/engine.ts';
import { createInspectionDoor } from './inspection-data.ts';

/** Ironic's agent ignores tokens under 32 characters; 32 bytes make 43. */
const TOKEN_BYTES = 32;

function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Makes the door. `certificatesPath` is where the certificates of agents are kept. */
export function createSignalDoor(context: EngineContext, engine: Engine): SignalDoor {
  /** Nodes whose token this process answered a lookup with. */
  const handedOut = new Set<number>();

  async function change(node: Node, members: JsonObject): Promise<Node> {
    const changed = await context.store.transaction(async (trx) => {
      const fresh = await findNodeById(trx, node.id);
      if (fresh === undefined) {
        throw registeredError('NodeNotFound', { node: node.uuid });
      }
      return updateNode(trx, fresh, { driver_internal_info: mergeObject(fresh.driver_internal_info, members) });
    });
    return changed ?? node;
  }

  /** The members that keep the agent's certificate, for every conductor; a different one for the same boot is refused. */
  async function keepCertificate(node: Node, certificate: string): Promise<JsonObject> {
    const folder = context.config().agent.certificates_path;
    const path = join(folder, `${node.uuid}.crt`);
    const known = node.driver_internal_info.agent_certificate;
    if (typeof known === 'string') {
      if (known !== certificate) {
        throw registeredError('InvalidParameterValue', {
          reason: `The agent of node ${node.uuid} sent another certificate than before (agent_verify_ca). Power the node off to let a new agent in.`,
        });
      }
      return {};
    }
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.new`, certificate, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return { agent_verify_ca: path, agent_certificate: certificate };
  }

  function check(node: Node, body: HeartbeatBody): void {
    const known = node.driver_internal_info;
    const invalid = (reason: string) => registeredError('InvalidParameterValue', { reason });
    if (typeof known.agent_secret_token !== 'string' || typeof body.agent_token !== 'string') {
      throw invalid(`A heartbeat for node ${node.uuid} needs the agent_token that the lookup handed out.`);
    }
    if (!isSameSecret(body.agent_token, known.agent_secret_token)) {
      throw invalid(
        `The agent_token of the heartbeat for node ${node.uuid} is not the one that the lookup handed out.`,
      );
    }
    if (!body.agent_version && !body.agent_status) {
      throw invalid('A heartbeat needs agent_version (or agent_status).');
    }
    if (body.callback_url) {
      const { protocol } = parseUrl(body.callback_url);
      if (protocol !== 'http:' && protocol !== 'https:') {
        throw invalid(`The callback_url "${body.callback_url}" must be an http or https URL.`);
      }
      if (context.config().agent.require_tls && protocol !== 'https:') {
        throw invalid(`The callback_url "${body.callback_url}" must be https (agent.require_tls is true).`);
      }
      if (typeof known.agent_url === 'string' && known.agent_url !== body.callback_url) {
        throw invalid(
          `The callback_url "${body.callback_url}" differs from the agent's first one, "${known.agent_url}". Power the node off to let a new agent in.`,
        );
      }
    }
  }

  return {
    inspection: createInspectionDoor(context, engine),
    async lookup(node) {
      const { agent_secret_token: known, agent_token_told_at: toldAt, ...internal } = node.driver_internal_info;
      context.timeline.add(node.id, { kind: 'lookup', message: 'The agent looked its node up.' });
      // A token with which no heartbeat has come may have died with the process that told it, or with the connection: the agent
      // that asks again gets a new one, and the lost one is void.
      const age = typeof toldAt === 'string' ? (secondsSince(toldAt) ?? 0) : Number.POSITIVE_INFINITY;
      const isOld = age >= context.config().agent.lost_token_timeout;
      const mayBeLost = typeof internal.agent_last_heartbeat !== 'string' && (isOld || !handedOut.has(node.id));
      // One that came with the boot medium is never told again: whoever asks without it is not the agent that was booted from it.
      const isOnMedium = internal.agent_secret_token_pregenerated === true;
      if (typeof known === 'string' && (isOnMedium || !mayBeLost)) {
        return { node, agentToken: AGENT_TOKEN_MASK };
      }
      const agentToken = randomBytes(TOKEN_BYTES).toString('base64url');
      const changed = await change(node, { agent_secret_token: agentToken, agent_token_told_at: now() });
      handedOut.add(node.id);
      return { node: changed, agentToken };
    },

    async heartbeat(node, body) {
      check(node, body);
      const isFirst = typeof node.driver_internal_info.agent_url !== 'string';
      const certificate = body.agent_verify_ca ? await keepCertificate(node, body.agent_verify_ca) : {};
      await change(node, {
        ...(body.callback_url ? { agent_url: body.callback_url } : {}),
        ...(body.agent_version ? { agent_version: body.agent_version } : {}),
        ...certificate,
        ...(body.agent_status ? { agent_status: body.agent_status } : {}),
        ...(body.agent_status_message ? { agent_status_message: body.agent_status_message } : {}),
        agent_last_heartbeat: now(),
      });
      if (isFirst) {
        context.timeline.add(node.id, {
          kind: 'heartbeat',
          message: `First heartbeat of the agent at ${body.callback_url}.`,
          data: { agent_version: body.agent_version ?? null },
        });
      }
      await engine.signal(node.id, { kind: 'heartbeat', payload: { first: isFirst } });
    },
  };
}

function parseUrl(text: string): { protocol: string } {
  return URL.canParse(text) ? new URL(text) : { protocol: '' };
}
