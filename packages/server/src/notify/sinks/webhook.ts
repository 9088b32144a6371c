// The sink "webhook": posts batches of events as JSON, signed with HMAC-SHA256 over the moment of sending and the body.
import { createHmac } from 'node:crypto';
import { sendUrl, WebError } from '../../boot/web.ts';
import type { Config } from '../../config/index.ts';
import { EventsRefusedError, type Sink } from '../sink.ts';

/** Answers that are about the body, and would come again: it is not understood, too large, or can not be used. */
const REFUSALS: ReadonlySet<number | null> = new Set([400, 413, 422]);

/** The signature of a body that is sent at `timestamp` (seconds since 1970). */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

export function webhookSink({ events: options }: Config): Sink {
  const { webhook_url: url, webhook_secret: secret, webhook_verify_ca: verifyCa, timeout: timeoutSeconds } = options;
  if (url === null) {
    throw new Error('events.webhook_url is not set.');
  }
  return {
    async deliver(events, abortSignal) {
      const body = JSON.stringify({ events });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const headers = {
        'content-type': 'application/json',
        'x-wrought-timestamp': timestamp,
        ...(secret === null ? {} : { 'x-wrought-signature': webhookSignature(secret, timestamp, body) }),
      };
      await sendUrl('POST', url, body, { guard: null, verifyCa, timeoutSeconds, headers, abortSignal }).catch(
        (error: unknown) => {
          if (!(error instanceof WebError)) {
            throw error;
          }
          // The path and the query of a webhook are often its key.
          const shown = new WebError(`POST ${new URL(url).origin}`, error.reason, error.statusCode);
          throw REFUSALS.has(error.statusCode) ? new EventsRefusedError(shown.message) : shown;
        },
      );
    },
    async close() {},
  };
}
