// Sends commands to an agent as the server does: over TLS, trusting the certificate of its heartbeat alone.
import https from 'node:https';
import { checkServerIdentity } from 'node:tls';
import { COMMAND_STATUSES, type CommandResult, type HeartbeatBody, type JsonObject } from '@wrought/contract';
import { isJsonObject } from '../../src/params.ts';

export type AgentClient = {
  request: (method: string, path: string, body?: object) => Promise<{ status: number; body: JsonObject }>;
  /** Runs a command to its end and returns what became of it. */
  command: (name: string, params?: JsonObject, key?: string) => Promise<CommandResult>;
  /** Posts a command without waiting for its end. */
  start: (name: string, params: JsonObject, key?: string) => Promise<{ status: number; body: JsonObject }>;
  get: (id: string) => Promise<CommandResult>;
};

function toCommandResult({ status, body }: { status: number; body: JsonObject }): CommandResult {
  const known = COMMAND_STATUSES.find((candidate) => candidate === body.command_status);
  if (known === undefined) throw new Error(`no command was answered, but status ${status}: ${JSON.stringify(body)}`);
  return {
    id: String(body.id),
    command_name: String(body.command_name),
    command_status: known,
    command_error: isJsonObject(body.command_error) ? JSON.stringify(body.command_error) : null,
    command_result: isJsonObject(body.command_result) ? body.command_result : null,
    ...(typeof body.idempotency_key === 'string' ? { idempotency_key: body.idempotency_key } : {}),
  };
}

/** @param port where the agent's port is found on this host. */
export function createAgentClient(heartbeat: HeartbeatBody, port: number, token: string): AgentClient {
  const { hostname } = new URL(heartbeat.callback_url);
  const request: AgentClient['request'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const outgoing = https.request(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          agent: false,
          ca: heartbeat.agent_verify_ca ?? '',
          checkServerIdentity: (_, certificate) => checkServerIdentity(hostname, certificate),
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part) => {
            text += part;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const post = (name: string, params: JsonObject, wait: boolean, key?: string) =>
    request('POST', `/v1/commands/?wait=${wait}&agent_token=${token}`, {
      name,
      params,
      ...(key === undefined ? {} : { idempotency_key: key }),
    });
  return {
    request,
    command: async (name, params = {}, key) => toCommandResult(await post(name, params, true, key)),
    start: (name, params, key) => post(name, params, false, key),
    get: async (id) => toCommandResult(await request('GET', `/v1/commands/${id}?agent_token=${token}`)),
  };
}
