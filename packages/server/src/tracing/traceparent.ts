// Places in traces as text: the W3C traceparent, and for a run the span that it belongs below behind it.

export interface TracePlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** The span that a run belongs below; null: it is the first of its trace. */
  readonly parentSpanId: string | null;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?: ([0-9a-f]{16}))?$/;
const ONLY_ZEROS = /^0+$/;

/** Reads a place; undefined when the text is none, as what a client sent may be. */
export function readTracePlace(text: string | null | undefined): TracePlace | undefined {
  const [, traceId, spanId, flags, parentSpanId] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) {
    return undefined;
  }
  if (ONLY_ZEROS.test(traceId) || ONLY_ZEROS.test(spanId)) {
    return undefined;
  }
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, isSampled, parentSpanId: parentSpanId ?? null };
}

/** The W3C header of a place. */
export function traceparent({ traceId, spanId, isSampled }: Omit<TracePlace, 'parentSpanId'>): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** The text that is stored with a run. */
export function textOfPlace(place: TracePlace): string {
  return place.parentSpanId === null ? traceparent(place) : `${traceparent(place)} ${place.parentSpanId}`;
}
