// The way to Keystone over HTTP; whatever goes wrong on it is one kind of error, after which callers may try again.
import type { Config } from '../../config/index.ts';
import { type JsonAnswer, NoAnswerError, openHttp } from '../http.ts';

/** Keystone did not answer as it should; the same request may work in a while. */
export class KeystoneUnavailableError extends Error {}

export type KeystoneAnswer = JsonAnswer;

export interface KeystoneConnection {
  /** @throws KeystoneUnavailableError when there is no answer, or none that can be read */
  ask(method: 'GET' | 'POST', url: string, headers: Record<string, string>, body?: object): Promise<KeystoneAnswer>;
  close(): Promise<void>;
}

/** Prepares the connection. @throws Error when keystone.cafile can not be read */
export function openConnection({ cafile, insecure, timeout }: Config['keystone']): KeystoneConnection {
  const http = openHttp({
    service: 'Keystone',
    section: 'keystone',
    cafile,
    insecure,
    timeoutSeconds: timeout,
    timeoutOption: 'timeout',
  });
  return {
    async ask(method, url, headers, body) {
      try {
        return await http.ask(method, url, headers, body);
      } catch (error) {
        throw error instanceof NoAnswerError ? new KeystoneUnavailableError(error.message) : error;
      }
    },
    close: () => http.close(),
  };
}
