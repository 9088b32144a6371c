// The agent of a fleet's machine: real lookups and heartbeats over HTTP, and commands that take time and change nothing but a record.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AGENT_API_VERSION_HEADER,
  AGENT_TOKEN_MASK,
  type AgentStep,
  type CommandRequest,
  type CommandResult,
  HEARTBEAT_JITTER,
  type JsonObject,
  type LookupResponse,
} from '@wrought/contract';

const LOOKUP_VERSION = '1.62';
const HEARTBEAT_VERSION = '1.68';
/** Pause after a request that failed, in seconds; it doubles up to the longest. */
const FIRST_RETRY_SECONDS = 0.5;
const LONGEST_RETRY_SECONDS = 10;
const REQUEST_TIMEOUT_MILLISECONDS = 30_000;

export interface FleetAgentOptions {
  readonly machine: string;
  readonly mac: string;
  readonly nodeUuid: string | undefined;
  /** URLs of APIs, tried in turn when one does not answer. */
  readonly apis: readonly string[];
  /** Where this agent takes commands. */
  readonly callbackUrl: (machine: string) => string;
  readonly random: () => number;
  readonly stepMilliseconds: () => number;
  readonly note: (what: string, key: string | null) => void;
  /** Counts what was sent and how it went; `why` is what the server or the connection said. */
  readonly count: (what: 'lookup' | 'heartbeat' | 'refused' | 'unreachable', why?: string) => void;
  readonly powerOff: () => void;
}

export interface AgentAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface FleetAgent {
  /** Answers a request to the agent's command API. */
  answer(method: string, path: string, token: string | null, body: JsonObject): AgentAnswer;
  /** The power goes off. */
  stop(): void;
}

const steps: Readonly<Record<'clean' | 'deploy' | 'service', readonly AgentStep[]>> = {
  clean: [
    { interface: 'deploy', step: 'erase_devices_metadata', priority: 99, abortable: true, recovery: 'repeat' },
    { interface: 'deploy', step: 'erase_devices', priority: 0, abortable: true, recovery: 'repeat' },
  ],
  deploy: [{ interface: 'deploy', step: 'erase_devices_metadata', priority: 0, recovery: 'repeat' }],
  service: [{ interface: 'deploy', step: 'burn_in', priority: 0, recovery: 'repeat' }],
};

type MutableResult = { -readonly [Key in keyof CommandResult]: CommandResult[Key] };

/** Boots the agent: it looks its node up, sends heartbeats and takes commands until `stop`. */
export function startFleetAgent(options: FleetAgentOptions): FleetAgent {
  const { machine, apis, random, note, count } = options;
  const off = new AbortController();
  const commands: MutableResult[] = [];
  let token = '';
  let wakeUp = Promise.withResolvers<void>();
  let api = Math.floor(random() * apis.length);

  /** Sends until it is answered; an answer that refuses is undefined. */
  async function send(method: string, path: string, version: string, body?: object): Promise<JsonObject | undefined> {
    let pause = FIRST_RETRY_SECONDS;
    for (;;) {
      off.signal.throwIfAborted();
      const signal = AbortSignal.any([off.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MILLISECONDS)]);
      try {
        const answer = await fetch(`${apis[api % apis.length]}${path}`, {
          method,
          headers: { [AGENT_API_VERSION_HEADER]: version, 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal,
        });
        const text = await answer.text();
        if (answer.ok) {
          return text === '' ? {} : (JSON.parse(text) as JsonObject);
        }
        count('refused', `${method} ${path}: ${answer.status} ${text}`);
        if (answer.status < 500) {
          return undefined;
        }
      } catch (error) {
        off.signal.throwIfAborted();
        count('unreachable', error instanceof Error ? error.message : String(error));
      }
      api += 1;
      await sleep(pause * 1000, undefined, { signal: off.signal, ref: false });
      pause = Math.min(pause * 2, LONGEST_RETRY_SECONDS);
    }
  }

  async function lookup(): Promise<LookupResponse> {
    const query = new URLSearchParams({ addresses: options.mac });
    if (options.nodeUuid !== undefined) {
      query.set('node_uuid', options.nodeUuid);
    }
    let pause = FIRST_RETRY_SECONDS;
    for (;;) {
      count('lookup');
      const found = await send('GET', `/v1/lookup?${query}`, LOOKUP_VERSION);
      const answer = found as LookupResponse | undefined;
      if (answer !== undefined && answer.config.agent_token !== AGENT_TOKEN_MASK) {
        return answer;
      }
      if (answer !== undefined) {
        count('refused', 'The lookup was answered without the token: it was told before, and got lost.');
      }
      await sleep(pause * 1000, undefined, { signal: off.signal, ref: false });
      pause = Math.min(pause * 2, LONGEST_RETRY_SECONDS);
    }
  }

  async function live(): Promise<void> {
    const { node, config } = await lookup();
    token = config.agent_token ?? '';
    const { min, max } = HEARTBEAT_JITTER;
    for (;;) {
      wakeUp = Promise.withResolvers<void>();
      count('heartbeat');
      const accepted = await send('POST', `/v1/heartbeat/${node.uuid}`, HEARTBEAT_VERSION, {
        callback_url: options.callbackUrl(machine),
        agent_token: token,
        agent_version: '11.0.0',
      });
      const seconds =
        accepted === undefined ? FIRST_RETRY_SECONDS * 4 : config.heartbeat_timeout * (min + random() * (max - min));
      const pause = new AbortController();
      const stop = AbortSignal.any([off.signal, pause.signal]);
      const paused = sleep(seconds * 1000, undefined, { signal: stop, ref: false }).catch(() => {});
      await Promise.race([wakeUp.promise, paused]);
      pause.abort();
      off.signal.throwIfAborted();
    }
  }

  function offered(kind: keyof typeof steps): JsonObject {
    return { [`${kind}_steps`]: { fleet: steps[kind] }, hardware_manager_version: { fleet: '1' } };
  }

  /** The result of a command that ends at once; undefined for one that takes its time. */
  function resultOf(name: string): JsonObject | undefined {
    const [, kind, verb] = /^(clean|deploy|service)\.(get|execute)_/.exec(name) ?? [];
    if (kind === undefined) {
      return {};
    }
    return verb === 'get' ? offered(kind as keyof typeof steps) : undefined;
  }

  function begin({ name, params, idempotency_key: key }: CommandRequest): AgentAnswer {
    const known = key === undefined ? undefined : commands.find((command) => command.idempotency_key === key);
    if (known !== undefined) {
      return { status: 200, body: known };
    }
    if (commands.some((command) => command.command_status === 'RUNNING')) {
      return { status: 409, body: { faultstring: 'Agent is busy', type: 'AgentIsBusy', code: 409 } };
    }
    const result = resultOf(name);
    const command: MutableResult = {
      id: randomUUID(),
      command_name: name.slice(name.indexOf('.') + 1),
      command_params: params,
      command_status: result === undefined ? 'RUNNING' : 'SUCCEEDED',
      command_error: null,
      command_result: result ?? null,
      ...(key === undefined ? {} : { idempotency_key: key }),
    };
    commands.push(command);
    if (result === undefined) {
      const step = params.step as { interface: string; step: string };
      note(step.step, key ?? null);
      setTimeout(() => {
        const kind = name.slice(0, name.indexOf('.'));
        command.command_status = 'SUCCEEDED';
        command.command_result = { [`${kind}_step`]: step, [`${kind}_result`]: 'done' };
        wakeUp.resolve();
      }, options.stepMilliseconds()).unref();
    } else if (name === 'standby.power_off') {
      setTimeout(() => {
        if (!off.signal.aborted) {
          options.powerOff();
        }
      }, options.stepMilliseconds()).unref();
    }
    return { status: 200, body: command };
  }

  /** What a server answers that is no server of this kind ends no fleet: the agent begins anew, as after a crash. */
  async function liveOn(): Promise<void> {
    while (!off.signal.aborted) {
      await live().catch((error: unknown) => {
        if (!off.signal.aborted) {
          count('refused', `An answer could not be used: ${error instanceof Error ? error.message : String(error)}`);
        }
      });
      await sleep(FIRST_RETRY_SECONDS * 1000, undefined, { signal: off.signal, ref: false }).catch(() => {});
    }
  }
  void liveOn();

  return {
    answer(method, path, given, body) {
      if (path.endsWith('/status')) {
        return { status: 200, body: { started_at: 0, version: '11.0.0' } };
      }
      if (token === '' || given !== token) {
        return { status: 401, body: { faultstring: 'Token invalid.', type: 'InvalidToken', code: 401 } };
      }
      const id = /\/commands\/([^/]+)$/.exec(path)?.[1];
      if (id !== undefined) {
        const command = commands.find((each) => each.id === id);
        return command === undefined
          ? { status: 404, body: { faultstring: `No command ${id}.`, type: 'NotFound', code: 404 } }
          : { status: 200, body: command };
      }
      return method === 'GET' ? { status: 200, body: { commands } } : begin(body as CommandRequest);
    },
    stop() {
      off.abort();
      wakeUp.resolve();
    },
  };
}
