// Downloads an image as a stream that survives broken connections and the absence of the image server.
import { setTimeout as delay } from 'node:timers/promises';
import type { ImageInfo } from '@wrought/contract';
import { AgentFailure } from '../errors.ts';
import { describeNetworkError, type HttpAnswer, readBody, sendRequest } from '../http-client.ts';
import type { Log } from '../log.ts';
import type { AgentSettings } from '../settings.ts';

export type Download = {
  /** The URL that answered. */
  url: string;
  /** Bytes of the whole image; null when the server does not tell. */
  sizeBytes: number | null;
  /** The content, from the first byte to the last; fails when the download cannot be brought to its end. */
  chunks: AsyncGenerator<Buffer, void>;
};

/** Limits of a download; see the settings of the same names. */
export type DownloadLimits = Pick<
  AgentSettings,
  'imageConnectionTimeoutSeconds' | 'imageConnectionRetries' | 'imageRetryIntervalSeconds' | 'insecure' | 'cafile'
>;

/** Statuses after which the same request may succeed a little later. */
const PASSING_STATUSES = [408, 425, 429, 500, 502, 503, 504];

/** An answer that will not get better by asking again. */
class FinalAnswer extends Error {}

function authorization(image: ImageInfo): { [name: string]: string } {
  if (image.image_request_authorization) return { authorization: image.image_request_authorization };
  const { image_server_user: user, image_server_password: password } = image;
  if (image.image_server_auth_strategy === 'http_basic' && user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }
  return {};
}

async function request(image: ImageInfo, url: string, limits: DownloadLimits, fromByte: number): Promise<HttpAnswer> {
  const answer = await sendRequest({
    url,
    idleTimeoutSeconds: limits.imageConnectionTimeoutSeconds,
    insecure: limits.insecure,
    cafile: limits.cafile,
    headers: { ...authorization(image), ...(fromByte > 0 ? { range: `bytes=${fromByte}-` } : {}) },
    ...(image.proxies === undefined ? {} : { proxies: image.proxies }),
    ...(image.no_proxy === undefined ? {} : { noProxy: image.no_proxy }),
  });
  if (answer.status === 200 || (answer.status === 206 && fromByte > 0)) return answer;
  answer.body.destroy();
  const message = `GET ${url} was answered ${answer.status} ${answer.body.statusMessage ?? ''}`.trim();
  throw PASSING_STATUSES.includes(answer.status) ? new Error(message) : new FinalAnswer(message);
}

/** What tells one version of a file from another. */
function versionOf(answer: HttpAnswer): string {
  return String(answer.headers.etag ?? answer.headers['last-modified'] ?? '');
}

/** Where the body of an answer begins in the file. */
function firstByteOf(answer: HttpAnswer): number {
  if (answer.status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(answer.headers['content-range'] ?? '')?.[1] ?? Number.NaN);
}

function contentLength(answer: HttpAnswer): number | null {
  const length = answer.headers['content-length'];
  return length === undefined ? null : Number(length);
}

/** Skips what a server that knows no ranges sends again. */
async function* skipBytes(body: AsyncIterable<unknown>, skip: number): AsyncGenerator<Buffer, void> {
  let remaining = skip;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    if (remaining >= chunk.length) remaining -= chunk.length;
    else {
      yield remaining === 0 ? chunk : chunk.subarray(remaining);
      remaining = 0;
    }
  }
}

/** Counts attempts without a byte, and waits between them. */
function createPatience(image: ImageInfo, limits: DownloadLimits, log: Log) {
  let attempts = 0;
  return {
    gotBytes: () => {
      attempts = 0;
    },
    afterFailure: async (error: unknown, bytes: number): Promise<void> => {
      const reason = describeNetworkError(error);
      attempts += 1;
      if (error instanceof FinalAnswer || attempts > limits.imageConnectionRetries) {
        const tried = attempts > 1 ? `, ${attempts} times ${limits.imageRetryIntervalSeconds} s apart` : '';
        throw new AgentFailure(
          'ImageDownloadError',
          `Download of image ${image.id} failed after ${bytes} bytes${tried}: ${reason}. ` +
            'Check that the URL is right and that the image server can be reached from the provisioning network',
        );
      }
      log.warning(`image download broke off after ${bytes} bytes (attempt ${attempts}): ${reason}`);
      await delay(limits.imageRetryIntervalSeconds * 1000);
    },
  };
}

async function openFirst(image: ImageInfo, limits: DownloadLimits): Promise<{ url: string; answer: HttpAnswer }> {
  const failures: unknown[] = [];
  for (const url of image.urls) {
    try {
      return { url, answer: await request(image, url, limits, 0) };
    } catch (error) {
      failures.push(error);
    }
  }
  const message = failures.map(describeNetworkError).join('; ');
  throw failures.every((failure) => failure instanceof FinalAnswer) ? new FinalAnswer(message) : new Error(message);
}

/**
 * Opens an image at the first of its URLs that answers. When the connection breaks later, the stream goes on where it
 * stopped (by a range, or by skipping what is sent again) until `imageConnectionRetries` attempts in a row brought no
 * byte.
 *
 * @throws AgentFailure (ImageDownloadError) naming URL and reason.
 */
export async function openDownload(image: ImageInfo, limits: DownloadLimits, log: Log): Promise<Download> {
  const patience = createPatience(image, limits, log);
  let opened: { url: string; answer: HttpAnswer } | null = null;
  while (opened === null) {
    try {
      opened = await openFirst(image, limits);
    } catch (error) {
      await patience.afterFailure(error, 0);
    }
  }
  const { url, answer: first } = opened;
  const sizeBytes = contentLength(first);

  async function* read(): AsyncGenerator<Buffer, void> {
    let answer: HttpAnswer | null = first;
    let bytes = 0;
    for (;;) {
      try {
        answer ??= await request(image, url, limits, bytes);
        if (versionOf(answer) !== versionOf(first)) throw new FinalAnswer(`${url} changed while it was downloaded`);
        const start = firstByteOf(answer);
        if (!(start <= bytes))
          throw new FinalAnswer(`${url} answered a range that begins at ${start}, not at ${bytes}`);
        for await (const chunk of skipBytes(answer.body, bytes - start)) {
          bytes += chunk.length;
          patience.gotBytes();
          yield chunk;
        }
        if (sizeBytes !== null && bytes < sizeBytes)
          throw new Error(`${url} ended after ${bytes} of ${sizeBytes} bytes`);
        return;
      } catch (error) {
        answer?.body.destroy();
        answer = null;
        await patience.afterFailure(error, bytes);
      }
    }
  }
  return { url, sizeBytes, chunks: read() };
}

/** Reads a small text, such as a list of checksums, from the image server. @throws AgentFailure naming the URL. */
export async function downloadText(image: ImageInfo, url: string, limits: DownloadLimits): Promise<string> {
  try {
    return (await readBody(await request(image, url, limits, 0), 1024 * 1024)).toString('utf8');
  } catch (error) {
    throw new AgentFailure('ImageDownloadError', `${describeNetworkError(error)} (list of checksums of ${image.id})`);
  }
}
