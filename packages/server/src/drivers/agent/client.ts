// Talks to the agent in a machine's ramdisk: HTTPS verified with the agent's own certificate, commands and their states.

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_BUSY_MESSAGE, type CommandResult, type JsonObject } from '@wrought/contract';
import { networkReason } from '../../boot/web.ts';
import { type Task, tracedCall } from '../kit/index.ts';

const PAUSE_BETWEEN_ATTEMPTS_MILLISECONDS = 1_000;

/** The agent did not answer, after every attempt. */
export class AgentUnreachableError extends Error {}
/** The agent runs another command. */
export class AgentBusyError extends Error {}
/** The agent answered, but with an error. */
export class AgentRefusalError extends Error {}

export interface CommandCall {
  /** "deploy.execute_deploy_step". */
  readonly name: string;
  readonly params: JsonObject;
  /** Whether the answer is awaited; short commands only. */
  readonly wait: boolean;
  readonly idempotencyKey?: string;
}

export interface AgentClient {
  /** Address of the agent, for messages. */
  readonly url: string;
  /** @throws AgentUnreachableError, AgentBusyError, AgentRefusalError */
  post(call: CommandCall): Promise<CommandResult>;
  /** Every command since the agent started. @throws AgentUnreachableError, AgentRefusalError */
  list(): Promise<readonly CommandResult[]>;
}

/** How the certificate of the agent is verified: that of its heartbeat, that of the node, or the configured CA. */
async function tlsOptions(task: Task): Promise<object> {
  const { node, config } = task;
  const minVersion = config.agent.tls_minimum_version === '1.2' ? 'TLSv1.2' : 'TLSv1.3';
  const own = node.driver_internal_info.agent_certificate;
  if (typeof own === 'string') {
    // The certificate itself is pinned; the name in it says no more, and the agent may be reached under another one.
    return { minVersion, ca: own, checkServerIdentity: () => undefined };
  }
  const given = node.driver_info.agent_verify_ca ?? config.agent.verify_ca;
  if (given === false || given === 'false' || given === 'False') {
    return { minVersion, rejectUnauthorized: false };
  }
  return typeof given === 'string' && !/^true$/i.test(given)
    ? { minVersion, ca: await readFile(given, 'utf8') }
    : { minVersion };
}

/** The words of an error answer: Ironic's form first. */
function wordsOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      const { faultstring, details, message } = parsed as Record<string, unknown>;
      const words = faultstring ?? details ?? message;
      return typeof words === 'string' ? words : body;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  }
  return body;
}

function agentUrl(task: Task): string {
  const url = task.node.driver_internal_info.agent_url;
  if (typeof url !== 'string') {
    throw new AgentUnreachableError(
      `The agent of node ${task.node.uuid} has not called back, so its address is not known.`,
    );
  }
  return url.replace(/\/+$/, '');
}

/** A failed connection proves that the command did not arrive; anything later does not. */
function neverArrived(error: unknown): boolean {
  return /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ConnectTimeout|UND_ERR_CONNECT_TIMEOUT|Connect Timeout/i.test(
    `${networkReason(error)} ${error instanceof Error ? error.name : ''}`,
  );
}

/**
 * Makes the client of the task's agent.
 * @throws AgentUnreachableError when it has not called back
 */
export function agentClient(task: Task): AgentClient {
  const url = agentUrl(task);
  const { agent: settings } = task.config;

  async function ask(
    method: 'GET' | 'POST',
    traceHeaders: Readonly<Record<string, string>>,
    query: Record<string, string>,
    body?: object,
  ): Promise<unknown> {
    const { Agent, request } = await import('undici');
    const target = new URL(`${url}/v1/commands/`);
    for (const [name, value] of Object.entries(query)) {
      target.searchParams.set(name, value);
    }
    const token = task.node.driver_internal_info.agent_secret_token;
    if (typeof token === 'string') {
      target.searchParams.set('agent_token', token);
    }
    const milliseconds = settings.command_timeout * 1000;
    const dispatcher = new Agent({
      connect: { ...(await tlsOptions(task)), timeout: milliseconds },
      headersTimeout: milliseconds,
      bodyTimeout: milliseconds,
    });
    try {
      const response = await request(target, {
        method,
        dispatcher,
        signal: task.abortSignal,
        headers: { ...traceHeaders, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.body.text();
      if (response.statusCode >= 400) {
        const words = wordsOf(text);
        if (response.statusCode === 409 || words.toLowerCase().includes(AGENT_BUSY_MESSAGE)) {
          throw new AgentBusyError(words);
        }
        throw new AgentRefusalError(
          `The agent at ${url} answered ${method} /v1/commands with status ${response.statusCode}: ${words.slice(0, 1000)}`,
        );
      }
      return JSON.parse(text);
    } finally {
      await dispatcher.destroy();
    }
  }

  /** Tries again while the agent can not be reached; `recover` may find that an earlier try did arrive. */
  async function insist<Answer>(
    attempt: () => Promise<Answer>,
    recover?: (error: unknown) => Promise<Answer | undefined>,
  ): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof AgentBusyError || error instanceof AgentRefusalError || task.abortSignal.aborted) {
          throw error;
        }
        const found = await recover?.(error);
        if (found !== undefined) {
          return found;
        }
        if (tries >= settings.max_command_attempts) {
          throw new AgentUnreachableError(
            `The agent at ${url} did not answer in ${tries} tries: ${networkReason(error)}. Look at the machine's console, and whether the server reaches that address.`,
          );
        }
        await sleep(PAUSE_BETWEEN_ATTEMPTS_MILLISECONDS, undefined, { signal: task.abortSignal });
      }
    }
  }

  const list = async (headers: Readonly<Record<string, string>>) => {
    const answer = (await ask('GET', headers, {})) as { commands?: readonly CommandResult[] };
    return answer.commands ?? [];
  };
  const called = (name: string) =>
    ({ receiver: 'agents', name: `agent ${name}`, attributes: { 'server.address': url } }) as const;

  return {
    url,
    list: () => tracedCall(task, called('list of commands'), (headers) => insist(() => list(headers))),
    post({ name, params, wait, idempotencyKey }) {
      const body = { name, params, ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }) };
      return tracedCall(task, called(name), (headers) =>
        insist(
          async () => (await ask('POST', headers, { wait: String(wait) }, body)) as CommandResult,
          async (error) => {
            if (wait || neverArrived(error)) {
              return undefined;
            }
            // The answer was lost on its way: the command may run all the same.
            const last = (await list(headers).catch(() => [])).at(-1);
            const isOurs =
              last?.command_name === name.slice(name.indexOf('.') + 1) && last.command_status === 'RUNNING';
            return isOurs ? last : undefined;
          },
        ),
      );
    },
  };
}
