import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The metrics of the HTTP edge. */
export class ApiMetrics {
  private readonly requests: Histogram;
  /** By route, method and status: the library's own look-up hashes labels, and a key made of all three would be hashed too. */
  private readonly kept = new Map<string, Map<string, Map<number, Histogram.Internal<string>>>>();
  private readonly refusals: Counter;

  constructor(readonly registry: Registry) {
    this.requests = new Histogram({
      name: 'claimline_http_request_seconds',
      help: 'Time from request to answer, by method, route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers: [registry],
    });
    this.refusals = new Counter({
      name: 'claimline_statements_refused_total',
      help: 'Statements refused, by problem code',
      labelNames: ['code'],
      registers: [registry],
    });
  }

  request(method: string, route: string, status: number, seconds: number): void {
    const kept = this.kept.get(route)?.get(method)?.get(status) ?? this.keep(method, route, status);
    kept.observe(seconds);
  }

  private keep(method: string, route: string, status: number): Histogram.Internal<string> {
    const ofRoute = this.kept.get(route) ?? new Map<string, Map<number, Histogram.Internal<string>>>();
    const ofMethod = ofRoute.get(method) ?? new Map<number, Histogram.Internal<string>>();
    const kept = this.requests.labels(method, route, String(status));
    this.kept.set(route, ofRoute.set(method, ofMethod.set(status, kept)));
    return kept;
  }

  refused(code: string): void {
    this.refusals.labels(code).inc();
  }
}

/** Reports how many answers are being streamed, and how many of them the follower of the log serves. */
export function watchStreams(
  registry: Registry,
  streams: { readonly size: number },
  live: { readonly followed: number },
): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge(
    'claimline_open_streams',
    'Answers of any length under way: live streams, NDJSON',
    () => streams.size,
  );
  gauge('claimline_followed_streams', 'Live streams that wait for news of the log', () => live.followed);
}
