import type { Logger } from '../logs.js';
import { version } from '../package-root.js';
import type { Settings } from '../settings.js';

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
  end(error?: unknown): void;
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

/**
 * Tracing as the settings have it: none without OTEL_EXPORTER_OTLP_ENDPOINT, and nothing of OpenTelemetry is loaded then.
 * @param part the one that this process is for, if it is for one
 */
export async function openTracing(
  { tracing }: Pick<Settings, 'tracing'>,
  log: Logger,
  part?: string,
): Promise<Tracing | undefined> {
  if (!tracing) return undefined;
  const { startOpenTelemetry } = await import('./open-telemetry.js');
  return startOpenTelemetry(tracing, log, { version: version(), part });
}
