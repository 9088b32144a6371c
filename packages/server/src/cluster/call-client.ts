// Calls other conductors over their internal listeners.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { clientOptions } from './pre-shared-key.ts';
import { type CallAnswer, type CallRequest, thrownError } from './wire.ts';

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
  return {
    async call(target, method, given) {
      const { hostname, internalUrl } = target;
      const call: CallRequest = {
        jsonrpc: '2.0',
        id: randomUUID(),
        method,
        params: { conductor: hostname, arguments: given },
      };
      const body = JSON.stringify(call);
      const limit = timeoutSeconds();
      let isSent = false;
      let answer: CallAnswer;
      try {
        const sending = request(internalUrl, {
          agent,
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
          signal: AbortSignal.timeout(limit * 1000),
        });
        sending.once('finish', () => {
          isSent = true;
        });
        sending.end(body);
        const [response] = (await once(sending, 'response')) as [IncomingMessage];
        answer = await readJson(response);
      } catch (error) {
        const isLate = error instanceof Error && error.name === 'AbortError';
        const reason = isLate ? `no answer within ${limit} s (cluster.call_timeout)` : (error as Error).message;
        throw new ConductorUnreachableError(target, `could not be asked for ${method}: ${reason}.`, isSent, error);
      }
      if ('error' in answer) {
        throw thrownError(hostname, method, answer.error);
      }
      return answer.result;
    },
    close: () => agent.destroy(),
  };
}
