// Calls other conductors over their internal listeners.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { ConsoleLine } from '../drivers/kit/console.ts';
import { clientOptions } from './pre-shared-key.ts';
import { type CallAnswer, type CallRequest, JOIN_CONSOLE, thrownError } from './wire.ts';

/** The conductor could not be asked, or did not answer. The message has its address, which is for the log only. */
export class ConductorUnreachableError extends Error {
  readonly hostname: string;
  /** The call had reached it, as far as can be told. */
  readonly mayHaveBegun: boolean;

  constructor({ hostname, internalUrl }: CallTarget, what: string, mayHaveBegun: boolean, cause: unknown) {
    super(`Conductor ${hostname} at ${internalUrl} ${what}`, { cause });
    this.name = 'ConductorUnreachableError';
    this.hostname = hostname;
    this.mayHaveBegun = mayHaveBegun;
  }
}

export interface CallTarget {
  readonly hostname: string;
  readonly internalUrl: string;
}

export interface CallClient {
  /**
   * Calls a method of a conductor's doors and answers what it answers.
   * @throws what the method throws; ConductorUnreachableError
   */
  call(target: CallTarget, method: string, given: readonly unknown[]): Promise<unknown>;
  /** Joins a listener to a console that the conductor has. @throws as `call` */
  joinConsole(target: CallTarget, given: readonly unknown[]): Promise<ConsoleLine>;
  close(): void;
}

async function readJson(answer: IncomingMessage): Promise<CallAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString()) as CallAnswer;
}

/** Makes the client; `timeoutSeconds` is asked for each call. */
export function createCallClient(key: Buffer, timeoutSeconds: () => number): CallClient {
  const agent = new Agent({ keepAlive: true, ...clientOptions(key) });

  function textOf({ hostname }: CallTarget, method: string, given: readonly unknown[]): string {
    const call: CallRequest = {
      jsonrpc: '2.0',
      id: randomUUID(),
      method,
      params: { conductor: hostname, arguments: given },
    };
    return JSON.stringify(call);
  }

  function unreachable(target: CallTarget, method: string, isSent: boolean, error: unknown): Error {
    const isLate = error instanceof Error && error.name === 'AbortError';
    const reason = isLate ? `no answer within ${timeoutSeconds()} s (cluster.call_timeout)` : (error as Error).message;
    return new ConductorUnreachableError(target, `could not be asked for ${method}: ${reason}.`, isSent, error);
  }

  return {
    async call(target, method, given) {
      const { hostname, internalUrl } = target;
      const body = textOf(target, method, given);
      let isSent = false;
      let answer: CallAnswer;
      try {
        const sending = request(internalUrl, {
          agent,
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
          signal: AbortSignal.timeout(timeoutSeconds() * 1000),
        });
        sending.once('finish', () => {
          isSent = true;
        });
        sending.end(body);
        const [response] = (await once(sending, 'response')) as [IncomingMessage];
        answer = await readJson(response);
      } catch (error) {
        throw unreachable(target, method, isSent, error);
      }
      if ('error' in answer) {
        throw thrownError(hostname, method, answer.error);
      }
      return answer.result;
    },
    async joinConsole(target, given) {
      const text = textOf(target, JOIN_CONSOLE, given);
      const { askForConsole } = await import('./console-wire.ts');
      const signal = AbortSignal.timeout(timeoutSeconds() * 1000);
      let asked: Awaited<ReturnType<typeof askForConsole>>;
      try {
        asked = await askForConsole(target, { key, text, signal });
      } catch (error) {
        // Who listens can ask again whatever became of it.
        throw unreachable(target, JOIN_CONSOLE, false, error);
      }
      if (asked.line === undefined) {
        throw thrownError(target.hostname, JOIN_CONSOLE, asked.error);
      }
      return asked.line;
    },
    close: () => agent.destroy(),
  };
}
