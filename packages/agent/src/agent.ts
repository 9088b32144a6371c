// The agent's life: learn the time, find the server, learn who this machine is, take commands, send heartbeats.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCertificate } from './certificate.ts';
import { createCommandRunner } from './commands/command-runner.ts';
import { type CommandServer, startCommandServer } from './commands/command-server.ts';
import type { AgentContext } from './extensions/extension.ts';
import { createExtensions } from './extensions/index.ts';
import { readMacAddresses } from './hardware/interfaces.ts';
import { sendInspection } from './inspection.ts';
import type { Log } from './log.ts';
import type { Run } from './process.ts';
import { createApiClient } from './session/api-client.ts';
import { correctClock } from './session/clock.ts';
import { type Heartbeats, startHeartbeats } from './session/heartbeat.ts';
import { lookUpNode } from './session/lookup.ts';
import { callbackUrl, findOwnAddress } from './session/own-address.ts';
import { settleToken } from './session/token.ts';
import type { AgentSettings } from './settings.ts';
import { AGENT_VERSION } from './version.ts';

/** Pause between attempts to reach the server for the first time. */
const FIRST_CONTACT_RETRY_SECONDS = 1;

/** The answer to the command that asks for a lockdown must leave the machine before the server closes. */
const LOCKDOWN_DELAY_SECONDS = 1;

export type AgentEnvironment = {
  settings: AgentSettings;
  log: Log;
  run: Run;
  /** Where `/sys`, `/proc` and `/dev` are found: the empty text, but in tests. */
  systemRoot?: string;
  /** MACs of this machine, for tests on machines without hardware interfaces. */
  macAddresses?: () => string[];
};

export type RunningAgent = {
  url: string;
  nodeUuid: string;
  /** Resolves when the agent was told to leave the machine alone, and does. */
  lockedDown: Promise<void>;
  stop: () => Promise<void>;
};

/** Repeats an attempt until it succeeds; each failure is logged once in a row. */
async function untilSuccess<Value>(attempt: () => Promise<Value>, log: Log, signal: AbortSignal): Promise<Value> {
  let lastMessage = '';
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== lastMessage) log.warning(`waiting for the server: ${message}`);
      lastMessage = message;
      await delay(FIRST_CONTACT_RETRY_SECONDS * 1000, undefined, { signal });
    }
  }
}

/** Leaves the URL where the ramdisk's tests and a person at the console find it. */
function publish(runDirectory: string, url: string): void {
  mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(join(runDirectory, 'url'), `${url}\n`);
}

/**
 * Starts the agent; resolves when it has sent its first heartbeat on its way.
 *
 * @throws Error when no usable token is to be had; a new boot is the remedy.
 */
export async function startAgent(environment: AgentEnvironment, signal: AbortSignal): Promise<RunningAgent> {
  const { settings, log, run } = environment;
  const systemRoot = environment.systemRoot ?? '';
  const client = createApiClient(settings);
  log.info(`agent ${AGENT_VERSION} looks for its server at ${settings.apiUrl}`);

  const ownAddress = await untilSuccess(() => findOwnAddress(settings.apiUrl), log, signal);
  const { date } = await untilSuccess(() => client.readRoot(), log, signal);
  await correctClock(date, run, log);

  const lockedDown = Promise.withResolvers<void>();
  let heartbeats: Heartbeats | undefined;
  let server: CommandServer | undefined;
  const agent: AgentContext = {
    settings,
    log,
    run,
    systemRoot,
    node: null,
    config: null,
    lockdown: () => {
      heartbeats?.stop();
      log.info('locked down: no heartbeats and no commands from now on');
      setTimeout(() => {
        server
          ?.close()
          .catch((error) => log.warning(String(error)))
          .then(lockedDown.resolve, lockedDown.reject);
      }, LOCKDOWN_DELAY_SECONDS * 1000);
    },
  };
  if (settings.inspectionCallbackUrl !== null) {
    const url = settings.inspectionCallbackUrl;
    await untilSuccess(() => sendInspection(agent, client, url), log, signal);
  }
  const readMacs = environment.macAddresses ?? (() => readMacAddresses(systemRoot));
  const { node, config } = await lookUpNode(client, readMacs, log, signal);
  agent.node = node;
  agent.config = config;
  const token = settleToken(settings, config.agent_token);

  const runner = createCommandRunner(createExtensions(agent), log, () => heartbeats?.now());
  const host = settings.advertiseHost ?? ownAddress;
  const certificate = createCertificate(host);
  server = await startCommandServer({
    host: settings.listenHost,
    port: settings.listenPort,
    certificate,
    tlsMinVersion: config.tls_min_version === '1.2' ? 'TLSv1.2' : 'TLSv1.3',
    tlsCiphers: config.tls_cipher_suites || null,
    token: () => token,
    runner,
    status: { started_at: Date.now() / 1000, version: AGENT_VERSION },
    log,
  });
  const url = callbackUrl(host, server.port);
  publish(settings.runDirectory, url);
  log.info(`taking commands at ${url}`);
  heartbeats = startHeartbeats({
    client,
    nodeUuid: node.uuid,
    heartbeatTimeoutSeconds: config.heartbeat_timeout,
    log,
    body: {
      callback_url: url,
      agent_token: token,
      agent_version: AGENT_VERSION,
      agent_verify_ca: certificate.certificatePem,
    },
  });
  return {
    url,
    nodeUuid: node.uuid,
    lockedDown: lockedDown.promise,
    stop: async () => {
      heartbeats?.stop();
      await server?.close();
    },
  };
}
