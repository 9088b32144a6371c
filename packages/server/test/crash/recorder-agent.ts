// The agent that the recorder plays: lookup, heartbeats and commands as the agent protocol has them, one command at a time.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentStep, CommandRequest, CommandResult, JsonObject } from '@wrought/contract';
import { AGENT_TOKEN_MASK } from '@wrought/contract';

const RETRY_MILLISECONDS = 15;
const HEARTBEAT_EVERY_MILLISECONDS = 60;
const STEP_MILLISECONDS = 15;

/** Steps that the agent offers, one of each kind of recovery. */
export const agentSteps: Readonly<Record<'clean' | 'deploy' | 'service', readonly AgentStep[]>> = {
  clean: [
    { interface: 'deploy', step: 'erase_devices_metadata', priority: 99, abortable: true, recovery: 'repeat' },
    { interface: 'deploy', step: 'erase_devices', priority: 98, abortable: true, recovery: 'probe' },
    { interface: 'firmware', step: 'flash_disks', priority: 97, recovery: 'never' },
  ],
  deploy: [
    { interface: 'deploy', step: 'erase_devices_metadata', priority: 0, recovery: 'repeat' },
    { interface: 'deploy', step: 'burn_in', priority: 53, recovery: 'repeat' },
    { interface: 'deploy', step: 'format_data_disk', priority: 52, recovery: 'probe' },
    { interface: 'firmware', step: 'flash_disks', priority: 51, recovery: 'never' },
  ],
  service: [
    { interface: 'deploy', step: 'burn_in', priority: 0, recovery: 'repeat' },
    { interface: 'deploy', step: 'format_data_disk', priority: 0, recovery: 'probe' },
    { interface: 'firmware', step: 'flash_disks', priority: 0, recovery: 'never' },
  ],
};

export interface AgentOptions {
  readonly nodeUuid: string;
  readonly foreign: boolean;
  readonly bootMilliseconds: number;
  /** Where the server takes lookups and heartbeats now; null before it was ever up. */
  door(): string | null;
  note(key: string | undefined, effect: string): void;
  problem(text: string): void;
  powerOff(): void;
}

export interface AgentConversation {
  stop(): void;
}

async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonObject;
}

/** Boots the agent of a machine; `stop` is the power going off. An agent that has the rescue password ends by itself. */
export function startAgent(options: AgentOptions): AgentConversation {
  const commands: (CommandResult & { key: string | undefined })[] = [];
  const off = new AbortController();
  let token = '';
  let url = '';
  let wakeUp = Promise.withResolvers<void>();

  function offered(kind: keyof typeof agentSteps): JsonObject {
    const steps = agentSteps[kind].map(({ recovery, ...step }) => (options.foreign ? step : { ...step, recovery }));
    return { [`${kind}_steps`]: { recorder: steps }, hardware_manager_version: { recorder: '1' } };
  }

  function answerAtOnce(name: string): JsonObject | undefined {
    switch (name) {
      case 'clean.get_clean_steps':
        return offered('clean');
      case 'deploy.get_deploy_steps':
        return offered('deploy');
      case 'service.get_service_steps':
        return offered('service');
      case 'clean.execute_clean_step':
      case 'deploy.execute_deploy_step':
      case 'service.execute_service_step':
        return undefined;
      default:
        return {};
    }
  }

  /** Begins a command, or answers the one that has this key already. */
  function execute(request: CommandRequest): CommandResult | undefined {
    const key = options.foreign ? undefined : request.idempotency_key;
    const known = key === undefined ? undefined : commands.find((command) => command.key === key);
    if (known !== undefined) {
      return known;
    }
    if (commands.some((command) => command.command_status === 'RUNNING')) {
      return undefined;
    }
    const result = answerAtOnce(request.name);
    const command: CommandResult & { key: string | undefined } = {
      id: randomUUID(),
      key,
      command_name: request.name.slice(request.name.indexOf('.') + 1),
      command_params: request.params,
      command_status: result === undefined ? 'RUNNING' : 'SUCCEEDED',
      command_error: null,
      command_result: result ?? null,
      ...(key === undefined ? {} : { idempotency_key: key }),
    };
    commands.push(command);
    if (result === undefined) {
      const step = request.params.step as { interface: string; step: string };
      options.note(key, `agent runs ${step.interface}.${step.step}`);
      setTimeout(() => {
        const kind = request.name.slice(0, request.name.indexOf('.'));
        command.command_status = 'SUCCEEDED';
        command.command_result = { [`${kind}_step`]: step, [`${kind}_result`]: 'done' };
        wakeUp.resolve();
      }, STEP_MILLISECONDS).unref();
    } else if (request.name === 'standby.power_off') {
      options.note(key, 'agent powers off');
      setTimeout(() => options.powerOff(), STEP_MILLISECONDS).unref();
    } else if (request.name === 'rescue.finalize_rescue') {
      options.note(key, 'agent takes the password');
      setTimeout(stop, STEP_MILLISECONDS).unref();
    }
    return command;
  }

  function stop(): void {
    off.abort();
    wakeUp.resolve();
    server.close();
    server.closeAllConnections();
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent');
    const path = pathname.replace(/\/+$/, '');
    if (path.endsWith('/status')) {
      return { status: 200, body: { started_at: 0, version: '1.0.0' } };
    }
    if (searchParams.get('agent_token') !== token) {
      return { status: 401, body: { faultstring: 'Token invalid.' } };
    }
    const id = /\/commands\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined) {
      return { status: 200, body: commands.find((command) => command.id === id) };
    }
    if (request.method === 'GET') {
      return { status: 200, body: { commands } };
    }
    const command = execute((await readJson(request)) as CommandRequest);
    return command === undefined
      ? { status: 409, body: { faultstring: 'Agent is busy', type: 'AgentIsBusy', code: 409 } }
      : { status: 200, body: command };
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });

  /** Sends to the server's door until it answers; undefined when it refuses. */
  async function send(path: string, body: JsonObject): Promise<JsonObject | undefined> {
    for (;;) {
      off.signal.throwIfAborted();
      try {
        const door = options.door();
        if (door !== null) {
          const response = await fetch(`${door}${path}`, {
            method: 'POST',
            body: JSON.stringify(body),
            signal: off.signal,
          });
          const answered = (await response.json()) as JsonObject;
          return response.ok ? answered : undefined;
        }
      } catch (error) {
        // The server is down; the agent outlasts it.
        off.signal.throwIfAborted();
        if (!(error instanceof TypeError)) {
          throw error;
        }
      }
      await sleep(RETRY_MILLISECONDS, undefined, { signal: off.signal });
    }
  }

  async function live(): Promise<void> {
    await sleep(options.bootMilliseconds, undefined, { signal: off.signal });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    while (token === '') {
      const answered = await send('/lookup', { node: options.nodeUuid });
      if (answered?.agent_token === AGENT_TOKEN_MASK) {
        options.problem('The agent was answered a masked token: it can never call back.');
        return;
      }
      token = typeof answered?.agent_token === 'string' ? answered.agent_token : '';
      await sleep(RETRY_MILLISECONDS, undefined, { signal: off.signal });
    }
    for (;;) {
      wakeUp = Promise.withResolvers<void>();
      await send('/heartbeat', {
        node: options.nodeUuid,
        callback_url: url,
        agent_token: token,
        agent_version: '1.0.0',
      });
      const pause = new AbortController();
      const paused = sleep(HEARTBEAT_EVERY_MILLISECONDS, undefined, { signal: pause.signal });
      await Promise.race([wakeUp.promise, paused]);
      pause.abort();
      await paused.catch(() => undefined);
    }
  }

  live().catch((error: unknown) => {
    if (!off.signal.aborted) {
      options.problem(`The agent died: ${String(error)}`);
    }
  });

  return { stop };
}
