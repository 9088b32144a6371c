// Tells readings of sensors to the sinks, each as it comes: they are samples, so what a sink does not take is dropped and not kept.
import type { OutgoingEvent } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import type { TaskLog } from '../drivers/kit/index.ts';
import type { Sink } from './sink.ts';
import { openSink, type SinkName } from './sinks/index.ts';

/** Most readings that wait for a sink; the oldest of more are dropped. */
const MOST_WAITING = 1_000;

export interface SensorSender {
  /** Hands a reading over; returns at once. */
  send(event: OutgoingEvent): void;
  /** Ends what is under way. */
  stop(): Promise<void>;
}

/** Makes it over connections of its own to the sinks of the configuration. */
export function createSensorSender(config: Config, log: Pick<TaskLog, 'warn'>): SensorSender {
  const stopping = new AbortController();
  const { sinks, batch_size: batchSize, timeout: timeoutSeconds } = config.events;
  // The message bus has topics of their own for them.
  const ofSensors: Config = {
    ...config,
    events: { ...config.events, versioned_notifications_topics: config.sensor_data.amqp_topics },
  };

  function lane(name: SinkName) {
    const waiting: OutgoingEvent[] = [];
    let sink: Sink | undefined;
    let running: Promise<void> | undefined;

    async function deliverBatch(batch: readonly OutgoingEvent[]): Promise<void> {
      try {
        sink ??= await openSink(name, ofSensors);
        const patience = AbortSignal.timeout(timeoutSeconds * 1000);
        await sink.deliver(batch, AbortSignal.any([stopping.signal, patience]));
      } catch (error) {
        // Whatever waits would meet the same sink; the next round has newer readings.
        const lost = batch.length + waiting.splice(0).length;
        if (!stopping.signal.aborted) {
          log.warn({ sink: name, lost, err: error }, 'A sink did not take readings of sensors; they are dropped.');
        }
      }
    }

    async function deliver(): Promise<void> {
      while (waiting.length > 0 && !stopping.signal.aborted) {
        await deliverBatch(waiting.splice(0, batchSize));
      }
      // In the same turn as the last look at what waits, so that nobody adds to a delivery that is over.
      running = undefined;
    }

    return {
      push(event: OutgoingEvent): void {
        waiting.push(event);
        if (waiting.length > MOST_WAITING) {
          waiting.shift();
        }
        running ??= deliver();
      },
      async stop(): Promise<void> {
        await running;
        await sink?.close();
      },
    };
  }

  const lanes = sinks.map((name) => lane(name as SinkName));
  return {
    send(event) {
      for (const each of lanes) {
        each.push(event);
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(lanes.map((each) => each.stop()));
    },
  };
}
