import { Counter, Histogram, type Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The metrics of the HTTP edge. */
export class ApiMetrics {
  private readonly requests: Histogram;
  /** By method, route and status, because the library's own look-up hashes labels. */
  private readonly kept = new Map<string, Histogram.Internal<string>>();
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
    const key = `${status} ${method} ${route}`;
    let kept = this.kept.get(key);
    if (!kept) this.kept.set(key, (kept = this.requests.labels(method, route, String(status))));
    kept.observe(seconds);
  }

  refused(code: string): void {
    this.refusals.labels(code).inc();
  }
}
