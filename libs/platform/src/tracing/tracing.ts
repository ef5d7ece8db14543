export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: Record<string, string | number | boolean>;
  /** The `traceparent` of each thing that is worked on (W3C Trace Context); an invalid one is ignored. */
  of?: Iterable<string | null | undefined>;
}

/** A piece of work that is being traced. */
export interface OpenSpan {
  /** In hexadecimal, as in `traceparent`. */
  readonly traceId: string;
  /** For what is recorded or sent by this work. */
  readonly traceparent: string;
  set(attributes: NonNullable<SpanOptions['attributes']>): void;
  /** Spans that the work begins are children of this one. */
  run<T>(work: () => T): T;
  /** @param error why it failed, if it did */
  end(error?: Error | string): void;
}

/**
 * Spans for OpenTelemetry. A span is a child of the one that runs it. Work on several things that belong to other traces is
 * linked to each of them; where they are all of one trace, it is a part of that trace.
 */
export interface Tracing {
  begin(name: string, options?: SpanOptions): OpenSpan;
  /** A span around the work, with its failure. */
  span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T>;
  /** Sends what is left, within two seconds. */
  close(): Promise<void>;
}

/** Injects the Tracing; undefined where none is set. */
export const TRACING = Symbol('tracing');

/** A span around the work, where there is tracing. @param options called only then */
export const traced = <T>(
  tracing: Tracing | undefined,
  name: string,
  options: () => SpanOptions,
  work: () => Promise<T>,
): Promise<T> => (tracing ? tracing.span(name, options(), work) : work());
