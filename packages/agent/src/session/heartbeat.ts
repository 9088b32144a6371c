// Sends heartbeats for as long as the agent lives, whatever becomes of the server in the meantime.
import { HEARTBEAT_JITTER, type HeartbeatBody } from '@wrought/contract';
import type { Log } from '../log.ts';
import { type ApiClient, ApiStatusError } from './api-client.ts';

export type HeartbeatOptions = {
  client: ApiClient;
  nodeUuid: string;
  body: HeartbeatBody;
  /** `heartbeat_timeout` of the lookup. */
  heartbeatTimeoutSeconds: number;
  log: Log;
};

export type Heartbeats = {
  /** Sends one at once: a command has ended and the server waits to hear of it. */
  now: () => void;
  stop: () => void;
};

/** Waits after a failed heartbeat, in seconds; never longer than the regular interval. */
const RETRY_BACKOFF_SECONDS = [1, 2, 5, 10, 15] as const;
/** A server that holds the node's lock lets go of it soon. */
const CONFLICT_RETRY_SECONDS = 5;

/** The pause before the next heartbeat: the time-out times a random number between 0.3 and 0.6. */
export function heartbeatIntervalSeconds(heartbeatTimeoutSeconds: number, random: () => number = Math.random): number {
  const { min, max } = HEARTBEAT_JITTER;
  return heartbeatTimeoutSeconds * (min + random() * (max - min));
}

/** Starts to send heartbeats, the first one at once. */
export function startHeartbeats(options: HeartbeatOptions): Heartbeats {
  const { client, nodeUuid, body, heartbeatTimeoutSeconds, log } = options;
  let timer: NodeJS.Timeout | undefined;
  let isSending = false;
  let isWanted = false;
  let isStopped = false;
  let failures = 0;

  const schedule = (seconds: number): void => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(beat, seconds * 1000);
  };

  const retrySeconds = (error: unknown): number => {
    const isConflict = error instanceof ApiStatusError && error.status === 409;
    const backoff = RETRY_BACKOFF_SECONDS[Math.min(failures, RETRY_BACKOFF_SECONDS.length - 1)] ?? 0;
    failures += 1;
    return Math.min(isConflict ? CONFLICT_RETRY_SECONDS : backoff, heartbeatIntervalSeconds(heartbeatTimeoutSeconds));
  };

  function beat(): void {
    if (isStopped) return;
    if (isSending) {
      // The one under way may have been read before the news: another follows it.
      isWanted = true;
      return;
    }
    isSending = true;
    isWanted = false;
    client
      .heartbeat(nodeUuid, body)
      .then(
        () => {
          if (failures > 0) log.info(`heartbeat accepted again after ${failures} failures`);
          else log.debug('heartbeat accepted');
          failures = 0;
          return heartbeatIntervalSeconds(heartbeatTimeoutSeconds);
        },
        (error) => {
          const seconds = retrySeconds(error);
          log.warning(
            `heartbeat failed, next in ${seconds.toFixed(0)} s: ${error instanceof Error ? error.message : error}`,
          );
          return seconds;
        },
      )
      .then((seconds) => {
        isSending = false;
        schedule(isWanted ? 0 : seconds);
      })
      .catch((error) => log.warning(`heartbeats stopped: ${error}`));
  }

  beat();
  return {
    now: () => {
      if (isSending) isWanted = true;
      else schedule(0);
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
