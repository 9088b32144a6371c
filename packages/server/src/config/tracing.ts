// Options of the traces in the form of OpenTelemetry.
import { number, text, textList, textMap, url } from './option.ts';

export const tracing = {
  endpoint: url({
    default: null,
    description:
      'Where spans go: a receiver of OTLP over HTTP, such as "http://127.0.0.1:4318/v1/traces". Unset: there are no traces, and nothing of them is loaded.',
  }),
  headers: textMap({
    default: {},
    secret: true,
    description: 'Headers of each export, such as { "authorization" = "Bearer ..." }.',
  }),
  sampling_ratio: number({
    default: 1,
    minimum: 0,
    maximum: 1,
    description: 'Part of the traces that is kept. A trace is kept as a whole or not at all, by its id.',
  }),
  service_name: text({ default: 'wrought', description: 'Name of this service in the traces.' }),
  trusted: textList({
    default: [],
    allowed: ['clients', 'agents', 'image servers'],
    description:
      'With whom traces are shared (W3C header "traceparent"): the header of clients is taken, and agents and image servers are sent it. ' +
      'A client that is trusted decides whether its traces are kept.',
  }),
} as const;
