import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logs.js';
import type { TracingSettings } from '../settings.js';
import { WatchedExporter } from './watched-exporter.js';
import type { OpenSpan, SpanKind as Kind, SpanOptions, Tracing } from './tracing.js';

/** What is not sent by then is given up when the process stops, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;
/** As many links as the SDK keeps of a span. */
const MAX_LINKS = 128;

const KINDS: Record<Kind, SpanKind> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * The SDK of OpenTelemetry, sending by OTLP over HTTP (JSON) to `<endpoint>/v1/traces`. Nothing is registered globally, so
 * that two services fit in one process, and nothing is patched.
 */
export function startOpenTelemetry(
  { endpoint, headers, serviceName, ratio, delayMs }: TracingSettings,
  log: Logger,
  { version, part }: { version: string; part?: string | undefined },
): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, headers });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.version': version,
      'service.instance.id': randomUUID(),
      'process.pid': process.pid,
      ...(part !== undefined && { 'claimline.part': part }),
    }),
    sampler: new ParentBasedSampler({
      root: ratio === undefined ? new AlwaysOnSampler() : new ShareSampler(ratio),
    }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new WatchedExporter(exporter, log), scheduledDelayMillis: delayMs }),
    ],
  });
  return new OpenTelemetry(provider.getTracer('claimline', version), async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
    await Promise.race([provider.shutdown().catch(() => {}), late]);
    clearTimeout(timer);
  });
}

/** Keeps a share of the traces that begin here, and all work that is linked to traces that are kept. */
class ShareSampler implements Sampler {
  private readonly share: TraceIdRatioBasedSampler;

  constructor(ratio: number) {
    this.share = new TraceIdRatioBasedSampler(ratio);
  }

  shouldSample(...[context, traceId, , , , links]: Parameters<Sampler['shouldSample']>): SamplingResult {
    return links.length > 0
      ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
      : this.share.shouldSample(context, traceId);
  }
}

class OpenTelemetry implements Tracing {
  private readonly active = new AsyncLocalStorage<Span>();

  constructor(
    private readonly tracer: Tracer,
    readonly close: () => Promise<void>,
  ) {}

  begin(name: string, { kind = 'internal', attributes = {}, of = [] }: SpanOptions = {}): OpenSpan {
    const { parent, links } = placeOf(this.active.getStore()?.spanContext(), contextsOf(of));
    const span = this.tracer.startSpan(name, { kind: KINDS[kind], attributes, links }, parent);
    return new Traced(span, this.active);
  }

  async span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
    const span = this.begin(name, options);
    try {
      const result = await span.run(work);
      span.end();
      return result;
    } catch (error) {
      span.end(error as Error);
      throw error;
    }
  }
}

class Traced implements OpenSpan {
  constructor(
    private readonly span: Span,
    private readonly active: AsyncLocalStorage<Span>,
  ) {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  set(attributes: NonNullable<SpanOptions['attributes']>): void {
    this.span.setAttributes(attributes);
  }

  run<T>(work: () => T): T {
    return this.active.run(this.span, work);
  }

  end(error?: Error | string): void {
    if (error !== undefined) {
      const message = typeof error === 'string' ? error : error.message;
      if (typeof error !== 'string') this.span.recordException(error);
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, 300) });
    }
    this.span.end();
  }
}

/** The different spans that are named. */
function contextsOf(traceparents: Iterable<string | null | undefined>): SpanContext[] {
  const contexts = new Map<string, SpanContext>();
  for (const text of new Set(traceparents)) {
    const context = text ? parseTraceParent(text) : null;
    if (context) contexts.set(context.spanId, { ...context, isRemote: true });
  }
  return [...contexts.values()];
}

/**
 * Where a span belongs. It is a child of the active one, unless all that it works on is of one other trace or of several
 * (what is batched is done by whoever comes first). What it works on, elsewhere than in its own trace, is linked. Where some of
 * that is sampled, the rest does not count: a sampled trace has all that was done for it, whatever else was done with it.
 */
function placeOf(
  active: SpanContext | undefined,
  contexts: readonly SpanContext[],
): { parent: Context; links: Link[] } {
  const sampled = contexts.filter(isSampled);
  const parent = parentOf(active, sampled.length > 0 ? sampled : contexts);
  const links = sampled
    .filter(({ traceId }) => traceId !== parent?.traceId)
    .slice(0, MAX_LINKS)
    .map((context) => ({ context }));
  return { parent: parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT, links };
}

function parentOf(
  active: SpanContext | undefined,
  /** All of them are sampled, or none. */
  contexts: readonly SpanContext[],
): SpanContext | undefined {
  const [first] = contexts;
  if (!first) return active;
  if (active && contexts.every(({ traceId }) => traceId === active.traceId)) return active;
  if (contexts.every(({ traceId }) => traceId === first.traceId)) return first;
  // Where nobody samples what is worked on, neither is the work.
  return isSampled(first) ? undefined : first;
}

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0;
