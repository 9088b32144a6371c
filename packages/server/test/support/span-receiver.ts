// A receiver of OTLP over HTTP for tests: it keeps the spans that it was sent, in the JSON form of the protocol.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** 2: it failed. */
  readonly status: number;
  readonly service: string;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string; readonly boolValue?: boolean };
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'attributes' | 'status' | 'service'> & {
        readonly attributes: readonly Attribute[];
        readonly status?: { readonly code?: number };
      })[];
    }[];
  }[];
}

const valuesOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue } }) => [
      key,
      stringValue ?? boolValue ?? Number(intValue),
    ]),
  );

function spansOf({ resourceSpans }: Export): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        attributes: valuesOf(span.attributes),
        status: span.status?.code ?? 0,
        service: String(valuesOf(resource.attributes)['service.name']),
      })),
    ),
  );
}

export interface SpanReceiver {
  /** For tracing.endpoint. */
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Headers of the exports so far. */
  readonly headers: Record<string, string | string[] | undefined>[];
  /** From now on exports are refused for good, or taken again. */
  refuse(isRefusing: boolean): void;
  /** Resolves when the spans received so far are what is wanted. */
  until(isEnough: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>;
}

/** Starts it; it ends with the test. */
export async function startSpanReceiver(t: TestContext): Promise<SpanReceiver> {
  const spans: ReceivedSpan[] = [];
  const headers: SpanReceiver['headers'] = [];
  let isRefusing = false;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    headers.push(request.headers);
    if (!isRefusing) {
      spans.push(...spansOf(JSON.parse(body) as Export));
    }
    response.writeHead(isRefusing ? 400 : 200, { 'content-type': 'application/json' }).end('{}');
    server.emit('received');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    headers,
    refuse(wanted) {
      isRefusing = wanted;
    },
    async until(isEnough) {
      while (!isEnough(spans)) {
        await once(server, 'received');
      }
      return spans;
    },
  };
}
