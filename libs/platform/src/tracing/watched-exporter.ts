import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logs.js';

/** ExportResultCode.SUCCESS of @opentelemetry/core. */
const SUCCESS = 0;

/** Says once that spans cannot be sent, and once that they can again: they are lost meanwhile, and nothing else is. */
export class WatchedExporter implements SpanExporter {
  private failing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly log: Logger,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      const failed = result.code !== SUCCESS;
      if (failed && !this.failing)
        this.log.warn({ err: result.error }, 'traces cannot be sent to the collector; they are dropped');
      if (!failed && this.failing) this.log.info('traces reach the collector again');
      this.failing = failed;
      // The reason has been logged: the SDK would do it again for each batch.
      done({ code: SUCCESS });
    });
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}
