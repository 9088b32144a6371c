// What is measured: a server that can be installed in an empty directory, started, filled with nodes and stopped.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '@wrought/lab';
import type { Generator } from './generator.ts';
import { createHttpClient } from './http-client.ts';
import type { ConnectionMode } from './load.ts';

/** How often a starting server is asked whether it answers. */
const READY_POLL_MILLISECONDS = 5;
const READY_TIMEOUT_MILLISECONDS = 60_000;

export interface Server {
  readonly host: string;
  readonly port: number;
  /** The processes of the server proper and of its database, if that is a server too; their descendants count as theirs. */
  readonly serverPids: readonly number[];
  readonly databasePids: readonly number[];
  /** From the start of the processes to the first answered GET /v1. */
  readonly readyMilliseconds: number;
  /** From the start of the processes until a node with the fake driver can be enrolled: the conductor takes part. */
  readonly usableMilliseconds: number;
  stop(): Promise<void>;
}

export interface Installation {
  /** What had to be done before the first start: the database and its schema. */
  readonly setupMilliseconds: number;
  start(): Promise<Server>;
  /** Fills up to this many nodes by the fastest way there is. */
  populate(server: Server, generator: Generator, nodes: number): Promise<void>;
  /** Ends what the installation runs besides the server. */
  close(): Promise<void>;
}

export interface Subject {
  readonly name: 'wrought' | 'ironic';
  readonly title: string;
  /** The ways of using connections in which this server is measured. */
  readonly modes: readonly ConnectionMode[];
  install(directory: string): Promise<Installation>;
}

/** Asks until the path is answered without an error, or throws when a process ends or the time is over. */
export async function waitForAnswer(port: number, path: string, children: readonly Child[]): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MILLISECONDS;
  const client = createHttpClient('127.0.0.1', port);
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-OpenStack-Ironic-API-Version: 1.82\r\nConnection: close\r\n\r\n`;
  let last = 'no answer';
  while (performance.now() < deadline) {
    for (const child of children) child.assertRunning();
    try {
      const { status } = await client.exchange(request);
      if (status < 400) return;
      last = `status ${status}`;
    } catch (error) {
      last = (error as Error).message;
    }
    await sleep(READY_POLL_MILLISECONDS);
  }
  throw new Error(`GET http://127.0.0.1:${port}${path} did not succeed in ${READY_TIMEOUT_MILLISECONDS} ms: ${last}`);
}
