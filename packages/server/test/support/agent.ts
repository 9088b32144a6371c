// The command server of the real agent for tests, with steps that end when a test says so.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { CommandProgress, JsonObject } from '@wrought/contract';
import { createCertificate } from '../../../agent/src/certificate.ts';
import { createCommandRunner } from '../../../agent/src/commands/command-runner.ts';
import { startCommandServer } from '../../../agent/src/commands/command-server.ts';
import { AgentFailure } from '../../../agent/src/errors.ts';
import { createLog } from '../../../agent/src/log.ts';

const nothing = () => {};
const silentAgentLog = createLog(nothing, false);

export const agentToken = 'a-token-of-more-than-thirty-two-characters';

export interface TestAgent {
  readonly url: string;
  readonly certificatePem: string;
  /** The commands that ran, with their parameters. */
  readonly ran: { name: string; params: JsonObject }[];
  report(progress: CommandProgress['progress']): void;
  succeed(result: JsonObject): void;
  fail(details: string): void;
  mismatch(): void;
  stop(): Promise<void>;
}

/** Starts it on a loopback port; it ends with the test. */
export async function startAgent(t: TestContext): Promise<TestAgent> {
  const certificate = await createCertificate('127.0.0.1');
  const ran: TestAgent['ran'] = [];
  let present: { resolve: (result: JsonObject) => void; reject: (error: Error) => void } | undefined;
  let report: TestAgent['report'] = nothing;
  const steps = [
    { interface: 'deploy', step: 'erase_devices', priority: 10, abortable: true, recovery: 'repeat' },
    { interface: 'deploy', step: 'erase_devices_metadata', priority: 99 },
  ];
  const answer = (name: string, make: () => JsonObject | null) => ({
    isAsynchronous: false,
    run: async (params: JsonObject) => {
      ran.push({ name, params });
      return make();
    },
  });
  const long = (name: string) => ({
    isAsynchronous: true,
    run(params: JsonObject, job: { report: TestAgent['report'] }) {
      ran.push({ name, params });
      report = job.report;
      return new Promise<JsonObject | null>((resolve, reject) => {
        present = { resolve, reject };
      });
    },
  });
  const runner = createCommandRunner(
    [
      {
        name: 'clean',
        commands: {
          get_clean_steps: answer('get_clean_steps', () => ({
            clean_steps: { Vendor: [steps[1]], Generic: [{ ...steps[1], priority: 1 }, steps[0]] },
            hardware_manager_version: { Generic: '1.1' },
          })),
          execute_clean_step: long('execute_clean_step'),
        },
      },
      { name: 'deploy', commands: { execute_deploy_step: long('execute_deploy_step') } },
      { name: 'rescue', commands: { finalize_rescue: answer('finalize_rescue', () => null) } },
      { name: 'standby', commands: { sync: answer('sync', () => null), power_off: answer('power_off', () => null) } },
    ],
    silentAgentLog,
    nothing,
  );
  const server = await startCommandServer({
    host: '127.0.0.1',
    port: 0,
    certificate,
    tlsMinVersion: 'TLSv1.3',
    tlsCiphers: null,
    token: () => agentToken,
    runner,
    status: { started_at: 0, version: '1' },
    log: silentAgentLog,
  });
  let isStopped = false;
  async function stop(): Promise<void> {
    if (!isStopped) {
      isStopped = true;
      await server.close();
    }
  }
  t.after(stop);
  return {
    url: `https://127.0.0.1:${server.port}`,
    certificatePem: certificate.certificatePem,
    ran,
    report: (progress) => report(progress),
    succeed: (result) => present?.resolve(result),
    fail: (details) => present?.reject(new AgentFailure('ImageChecksumError', details)),
    mismatch: () => present?.reject(new AgentFailure('VersionMismatch', 'Generic is 1.2 now')),
    stop,
  };
}

/** A foreign agent in plain HTTP, answered by the test. */
export async function startForeignAgent(
  t: TestContext,
  handle: (request: IncomingMessage, response: ServerResponse, body: JsonObject) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => handle(request, response, text === '' ? {} : (JSON.parse(text) as JsonObject)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
