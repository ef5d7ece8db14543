import type { Logger } from '../logs.js';
import { version } from '../package-root.js';
import type { Settings } from '../settings.js';
import type { Tracing } from './tracing.js';

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
