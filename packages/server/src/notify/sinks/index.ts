// The sinks by their names in the configuration; each is loaded when it is used.
import type { Config } from '../../config/index.ts';
import type { Sink } from '../sink.ts';

export type SinkName = 'log' | 'webhook' | 'amqp' | 'nats';

const sinks: Readonly<Record<SinkName, () => Promise<(config: Config) => Sink>>> = {
  log: async () => (await import('./log.ts')).logSink,
  webhook: async () => (await import('./webhook.ts')).webhookSink,
  amqp: async () => (await import('./amqp.ts')).amqpSink,
  nats: async () => (await import('./nats.ts')).natsSink,
};

/** Makes the sink; it connects with its first batch. */
export async function openSink(name: SinkName, config: Config): Promise<Sink> {
  return (await sinks[name]())(config);
}
