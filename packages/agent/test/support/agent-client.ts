// Sends commands to an agent as the server does: over TLS, trusting the certificate of its heartbeat alone.
import https from 'node:https';
import { checkServerIdentity } from 'node:tls';
import type { CommandResult, HeartbeatBody, JsonObject } from '@wrought/contract';

export type AgentClient = {
  request: (method: string, path: string, body?: object) => Promise<{ status: number; body: JsonObject }>;
  /** Runs a command to its end and returns what became of it. */
  command: (name: string, params?: JsonObject, key?: string) => Promise<CommandResult>;
  /** Posts a command without waiting for its end. */
  start: (name: string, params: JsonObject, key?: string) => Promise<{ status: number; body: JsonObject }>;
  get: (id: string) => Promise<CommandResult>;
};

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
    command: async (name, params = {}, key) => (await post(name, params, true, key)).body as unknown as CommandResult,
    start: (name, params, key) => post(name, params, false, key),
    get: async (id) =>
      (await request('GET', `/v1/commands/${id}?agent_token=${token}`)).body as unknown as CommandResult,
  };
}
