// What the agent asks of the server: its version, who this machine is, and to note that it lives.
import {
  AGENT_API_VERSION_HEADER,
  type ApiRoot,
  HEARTBEAT_MAX_VERSION,
  type HeartbeatBody,
  LOOKUP_MAX_VERSION,
  type LookupResponse,
} from '@wrought/contract';
import { readBody, sendRequest } from '../http-client.ts';
import { isJsonObject, toNode } from '../params.ts';
import type { AgentSettings } from '../settings.ts';
import { negotiateVersion } from './api-version.ts';

/** Longest silence of the server before a request counts as failed. */
const API_IDLE_TIMEOUT_SECONDS = 30;
/** Longest part of an error answer that is shown. */
const ERROR_TEXT_MAX_CHARACTERS = 500;

/** The server answered, but not with success. */
export class ApiStatusError extends Error {
  override name = 'ApiStatusError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export type ApiClient = {
  /** Reads `GET /`; its Date header tells the server's time. */
  readRoot: () => Promise<{ root: ApiRoot; date: Date | null }>;
  /** @throws ApiStatusError with 404 for an unknown machine, 409 for a locked node. */
  lookup: (macAddresses: readonly string[]) => Promise<LookupResponse>;
  heartbeat: (nodeUuid: string, body: HeartbeatBody) => Promise<void>;
  /** Sends what was found in an inspection. */
  continueInspection: (url: string, body: object) => Promise<void>;
};

/** The sentence in an error answer of Ironic's form, or its beginning. */
function errorText(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const message = isJsonObject(body) ? body.error_message : undefined;
    const inner: unknown = typeof message === 'string' && message.startsWith('{') ? JSON.parse(message) : message;
    if (isJsonObject(inner) && typeof inner.faultstring === 'string') return inner.faultstring;
    if (typeof inner === 'string') return inner;
  } catch {
    // Not JSON: the text itself is shown.
  }
  return text.slice(0, ERROR_TEXT_MAX_CHARACTERS);
}

/** Makes a client for the server of the settings. */
export function createApiClient(settings: AgentSettings): ApiClient {
  let root: ApiRoot | null = null;

  const send = async (method: 'GET' | 'POST', url: string, version: string | null, body?: object) => {
    const answer = await sendRequest({
      url,
      method,
      idleTimeoutSeconds: API_IDLE_TIMEOUT_SECONDS,
      insecure: settings.insecure,
      cafile: settings.cafile,
      headers: {
        accept: 'application/json',
        ...(version === null ? {} : { [AGENT_API_VERSION_HEADER]: version }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = (await readBody(answer)).toString('utf8');
    if (answer.status < 200 || answer.status > 299) {
      throw new ApiStatusError(`${method} ${url} was answered ${answer.status}: ${errorText(text)}`, answer.status);
    }
    return { text, headers: answer.headers };
  };

  const ensureRoot = async (): Promise<void> => {
    if (root !== null) return;
    try {
      root = JSON.parse((await send('GET', `${settings.apiUrl}/`, null)).text);
    } catch (error) {
      // A server that hides its root is spoken to in the agent's own version; an absent one fails with the request.
      if (!(error instanceof ApiStatusError) && !(error instanceof SyntaxError)) throw error;
    }
  };

  return {
    readRoot: async () => {
      const { text, headers } = await send('GET', `${settings.apiUrl}/`, null);
      const answered: ApiRoot = JSON.parse(text);
      root = answered;
      const date = new Date(headers.date ?? '');
      return { root: answered, date: Number.isNaN(date.getTime()) ? null : date };
    },
    lookup: async (macAddresses) => {
      await ensureRoot();
      const url = `${settings.apiUrl}/v1/lookup?addresses=${macAddresses.join(',')}`;
      const { text } = await send('GET', url, negotiateVersion(root, LOOKUP_MAX_VERSION));
      const body: unknown = JSON.parse(text);
      if (!isJsonObject(body) || !isJsonObject(body.config) || typeof body.config.heartbeat_timeout !== 'number') {
        throw new Error(`GET ${url} was answered without node and config.heartbeat_timeout`);
      }
      return { node: toNode(body.node), config: { ...body.config, heartbeat_timeout: body.config.heartbeat_timeout } };
    },
    heartbeat: async (nodeUuid, body) => {
      await ensureRoot();
      await send(
        'POST',
        `${settings.apiUrl}/v1/heartbeat/${nodeUuid}`,
        negotiateVersion(root, HEARTBEAT_MAX_VERSION),
        body,
      );
    },
    continueInspection: async (url, body) => {
      await send('POST', url, null, body);
    },
  };
}
