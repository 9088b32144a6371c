// Pushes an event to a subscriber, and tries again when nobody takes it (EventService, DeliveryRetryAttempts).
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const attempts = 3;
const intervalMilliseconds = 1000;
const timeoutMilliseconds = 5000;

function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      agent: false as const,
      timeout: timeoutMilliseconds,
      headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
    };
    const request = url.startsWith('https:')
      ? requestHttps(url, { ...options, rejectUnauthorized: false })
      : requestHttp(url, options);
    request.on('timeout', () => request.destroy(new Error('it does not answer')));
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode < 300) resolve();
      else reject(new Error(`it answers ${statusCode}`));
    });
    request.end(body);
  });
}

/** Sends an event, whatever certificate the subscriber shows; one that nobody takes is told and dropped. */
export async function deliver(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await post(url, body, headers);
      return;
    } catch (error) {
      if (attempt === attempts) {
        log(`an event could not be sent to ${url}: ${error instanceof Error ? error.message : String(error)}`);
        return;
      }
    }
    await sleep(intervalMilliseconds, undefined, { ref: false });
  }
}
