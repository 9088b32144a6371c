// What the rest of the program sees of traces: spans around work, and the place in a trace that goes with a run.
import type { CallTracer } from '../drivers/kit/index.ts';
import type { Run } from '../store/runs.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What is known of some work when it begins. */
export interface SpanBegin {
  /** From a small set, without values in it. */
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** The place that it belongs below; absent: that of the work around it. */
  readonly parent?: string | null;
}

/** What is known of it when it has ended. */
export interface SpanEnd {
  readonly attributes?: SpanAttributes;
  /** Why it failed, in words. */
  readonly error?: string | undefined;
}

export interface Tracing {
  /** The place of the work that is going on, as a W3C traceparent; null outside of all traced work. */
  current(): string | null;
  /** Does work as a span of its own; `endOf` tells what became of it. An error that it throws is told and thrown on. */
  span<Result>(begin: SpanBegin, work: () => Promise<Result>, endOf?: (result: Result) => SpanEnd): Promise<Result>;
  /** Does work that goes on beside whoever began it, and belongs to no trace but by what is said. */
  apart<Result>(work: () => Result): Result;
  /** Tells of work that ended just now; nothing where it belongs to no traced work. */
  ended(begin: SpanBegin, seconds: number, end?: SpanEnd): void;
  /** The place of a run that begins below another place, or (null) as a trace of its own; it is stored with the run. */
  placeOfRun(parent: string | null): string;
  /** A run is finished: its own span is told. */
  runEnded(run: Run): void;
  /** Calls of drivers to agents and image servers, which get the header where they are trusted. */
  readonly call: CallTracer;
}
