// Traces by OpenTelemetry, sent with OTLP over HTTP; loaded only where an endpoint is configured.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config/index.ts';
import type { BmcCallObserver, TaskLog } from '../drivers/kit/index.ts';
import type { StoreObserver } from '../store/observer.ts';
import { reportingExporter } from './reporting-exporter.ts';
import { readTracePlace, type TracePlace, textOfPlace, traceparent } from './traceparent.ts';
import type { SpanBegin, SpanEnd, Tracing } from './tracing.ts';

/** Spans that wait for the receiver; more are dropped. */
const MOST_WAITING = 2_048;
const EXPORT_TIMEOUT_MILLISECONDS = 10_000;
const EXPORT_PAUSE_MILLISECONDS = 1_000;
/** A receiver that is away holds up the end of the process no longer. */
const STOP_MILLISECONDS = 2_000;

export interface ServerTracing extends Tracing {
  readonly store: StoreObserver;
  readonly bmcCall: BmcCallObserver;
  /** Traces the requests to an application that is not ready yet. */
  watchRequests(app: FastifyInstance): void;
  /** Sends what waits, within a bounded time. */
  stop(): Promise<void>;
}

/** Where work goes on: below this span. */
function contextOf(place: TracePlace): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: place.traceId,
    spanId: place.spanId,
    traceFlags: place.isSampled ? 1 : 0,
    isRemote: true,
  });
}

function placeOf(span: Span): TracePlace {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, isSampled: (traceFlags & 1) === 1, parentSpanId: null };
}

/** Makes the tracing of one process. @throws Error when the endpoint is not configured */
export function createTracing(config: Config, log: Pick<TaskLog, 'info' | 'warn'>): ServerTracing {
  const { endpoint, headers, sampling_ratio: ratio, service_name: serviceName } = config.tracing;
  if (endpoint === null) {
    throw new Error('tracing.endpoint is not set.');
  }
  const trusted = new Set(config.tracing.trusted);
  const sampler = new TraceIdRatioBasedSampler(ratio);
  const ids = new RandomIdGenerator();
  /** The ids of the span that is being started; a run has had its own since it began. */
  let given: { readonly traceId: string; readonly spanId: string } | undefined;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.instance.id': config.conductor.host }),
    sampler: new ParentBasedSampler({ root: sampler }),
    idGenerator: {
      generateTraceId: () => given?.traceId ?? ids.generateTraceId(),
      generateSpanId: () => given?.spanId ?? ids.generateSpanId(),
    },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: reportingExporter(
          new OTLPTraceExporter({ url: endpoint, headers, timeoutMillis: EXPORT_TIMEOUT_MILLISECONDS }),
          endpoint,
          log,
        ),
        maxQueueSize: MOST_WAITING,
        scheduledDelayMillis: EXPORT_PAUSE_MILLISECONDS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MILLISECONDS,
      }),
    ],
  });
  const tracer = provider.getTracer('wrought');
  const places = new AsyncLocalStorage<TracePlace>();

  /** The place that work belongs below. */
  function parentOf({ parent }: SpanBegin): TracePlace | undefined {
    return parent === undefined ? places.getStore() : readTracePlace(parent);
  }

  function start(begin: SpanBegin, parent: TracePlace | undefined, kind: SpanKind, startTime?: number): Span {
    const { name, attributes } = begin;
    const options = { kind, attributes: { ...attributes }, ...(startTime === undefined ? {} : { startTime }) };
    return tracer.startSpan(name, options, parent === undefined ? ROOT_CONTEXT : contextOf(parent));
  }

  function end(span: Span, { attributes = {}, error }: SpanEnd, endTime?: number): void {
    span.setAttributes({ ...attributes });
    if (error !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    span.end(endTime);
  }

  async function inSpan<Result>(
    span: Span,
    work: () => Promise<Result>,
    endOf: (result: Result) => SpanEnd,
  ): Promise<Result> {
    return places.run(placeOf(span), async () => {
      try {
        const result = await work();
        end(span, endOf(result));
        return result;
      } catch (error) {
        end(span, { error: error instanceof Error ? error.message : String(error) });
        throw error;
      }
    });
  }

  function ended(begin: SpanBegin, seconds: number, result: SpanEnd = {}, kind = SpanKind.INTERNAL): void {
    const parent = parentOf(begin);
    if (parent !== undefined) {
      const now = Date.now();
      end(start(begin, parent, kind, now - seconds * 1000), result, now);
    }
  }

  /** What a request is told of when it has been answered. */
  const requests = new WeakMap<FastifyRequest, Span>();

  function headersFor(receiver: string): Readonly<Record<string, string>> {
    const place = places.getStore();
    return place === undefined || !trusted.has(receiver) ? {} : { traceparent: traceparent(place) };
  }

  return {
    current() {
      const place = places.getStore();
      return place === undefined ? null : traceparent(place);
    },
    span: (begin, work, endOf = () => ({})) => inSpan(start(begin, parentOf(begin), SpanKind.INTERNAL), work, endOf),
    apart: (work) => places.exit(work),
    ended,
    placeOfRun(parentText) {
      const parent = readTracePlace(parentText);
      const spanId = randomBytes(8).toString('hex');
      if (parent !== undefined) {
        return textOfPlace({ ...parent, spanId, parentSpanId: parent.spanId });
      }
      const traceId = ids.generateTraceId();
      const isSampled = sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
      return textOfPlace({ traceId, spanId, isSampled, parentSpanId: null });
    },
    runEnded(run) {
      const place = readTracePlace(run.trace);
      if (place === undefined) {
        return;
      }
      const attributes = { 'wrought.run': run.uuid, 'wrought.flow': run.flow, 'wrought.request': run.request_id ?? '' };
      const begin = { name: `flow ${run.flow}`, attributes };
      const { parentSpanId: spanId, ...rest } = place;
      given = place;
      const parent = spanId === null ? undefined : { ...rest, spanId, parentSpanId: null };
      const span = start(begin, parent, SpanKind.INTERNAL, Date.parse(run.created_at));
      given = undefined;
      end(span, { error: run.failure ?? undefined }, Date.parse(run.finished_at ?? run.updated_at));
    },
    async call({ receiver, name, attributes }, work) {
      if (places.getStore() === undefined) {
        return work({});
      }
      const span = start({ name, attributes }, places.getStore(), SpanKind.CLIENT);
      return inSpan(
        span,
        () => work(headersFor(receiver)),
        () => ({}),
      );
    },
    store: {
      statement() {},
      transaction: (seconds, isFailure) =>
        ended(
          { name: 'database transaction', attributes: {} },
          seconds,
          isFailure ? { error: 'The transaction failed.' } : {},
          SpanKind.CLIENT,
        ),
    },
    bmcCall: ({ driver, operation, error, seconds }) =>
      ended(
        { name: `bmc ${operation}`, attributes: { 'wrought.driver': driver } },
        seconds,
        error === null ? {} : { error },
        SpanKind.CLIENT,
      ),
    watchRequests(app) {
      const goOn = (request: FastifyRequest, done: () => void) => {
        const span = requests.get(request);
        if (span === undefined) {
          done();
        } else {
          places.run(placeOf(span), done);
        }
      };
      app.addHook('onRequest', (request, _reply, done) => {
        const { method, routeOptions } = request;
        const route = routeOptions.url ?? 'none';
        const sent = request.headers.traceparent;
        const parent = trusted.has('clients') && typeof sent === 'string' ? readTracePlace(sent) : undefined;
        const attributes = { 'http.request.method': method, 'http.route': route, 'wrought.request': request.id };
        requests.set(request, start({ name: `${method} ${route}`, attributes }, parent, SpanKind.SERVER));
        goOn(request, done);
      });
      // What follows the body of the request goes on from the events of its socket.
      app.addHook('preValidation', (request, _reply, done) => goOn(request, done));
      app.addHook('onResponse', (request, reply, done) => {
        const span = requests.get(request);
        const status = reply.raw.statusCode;
        if (span !== undefined) {
          const attributes = { 'http.response.status_code': status };
          end(span, { attributes, error: status >= 500 ? `The answer was ${status}.` : undefined });
        }
        done();
      });
    },
    async stop() {
      const patience = Promise.withResolvers<void>();
      const timer = setTimeout(patience.resolve, STOP_MILLISECONDS);
      await Promise.race([provider.shutdown(), patience.promise]);
      clearTimeout(timer);
    },
  };
}
