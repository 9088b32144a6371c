// Says in the log when the receiver of spans goes away and when it is back, once each time; spans meanwhile are lost.
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { TaskLog } from '../drivers/kit/index.ts';

/** OpenTelemetry's code of an export that succeeded. */
const SUCCESS = 0;

/** The exporter with its failures in the log. */
export function reportingExporter(
  exporter: SpanExporter,
  endpoint: string,
  log: Pick<TaskLog, 'info' | 'warn'>,
): SpanExporter {
  let isAway = false;
  return {
    export(spans, callback) {
      exporter.export(spans, (result) => {
        if (result.code !== SUCCESS && !isAway) {
          log.warn(
            { endpoint, reason: result.error?.message },
            'Spans can not be delivered; traces are lost until they can.',
          );
        } else if (result.code === SUCCESS && isAway) {
          log.info({ endpoint }, 'Spans are delivered again.');
        }
        isAway = result.code !== SUCCESS;
        callback(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
