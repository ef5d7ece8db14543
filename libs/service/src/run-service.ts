import type { DynamicModule, Type } from '@nestjs/common';
import { Access, openMetricsLine, opennessLine } from '#libs/access';
import { createLogger, loadSettings, type Logger, type Settings, withoutSecrets } from '#libs/platform';
import { type Part } from './parts.js';
import { DONE, exitAfter, exitCodeOf, FAILED } from './exit.js';
import { shutdown } from './shutdown.js';
import { type Service, startService, type StartOptions } from './start-service.js';

/** The main of a process that is one part: starts it, says where it is ready, and exits when it is asked to stop. */
export const runProcess = (module: Type, part: Part): Promise<never> =>
  exitAfter(async () => {
    try {
      return (await serve(module, [part], loadSettings(), { suffix: ` (${part})` })) ? DONE : FAILED;
    } catch (error) {
      process.stderr.write(`${withoutSecrets((error as Error).message)}\n`);
      return exitCodeOf(error);
    }
  });

/**
 * Serves until it is asked to stop, or until it fails.
 * @param options with the suffix of the line that says that it is ready
 * @returns whether it ended as asked @throws as `startService`
 */
export async function serve(
  module: Type | DynamicModule,
  parts: readonly Part[],
  settings: Settings,
  { suffix = '', forked }: Pick<StartOptions, 'forked'> & { suffix?: string } = {},
): Promise<boolean> {
  const log = createLogger(settings.logLevel);
  const asked = shutdown();
  let service: Service;
  try {
    service = await startService(module, parts, settings, log, { signal: asked.signal, forked });
  } catch (error) {
    if (asked.signal.aborted) return true;
    throw error;
  }
  process.stdout.write(`Claimline is ready at ${service.url}${suffix}\n`);
  const lines = [opennessLine(service.app.get(Access)), await openMetricsLine(settings)];
  for (const line of lines) if (line !== undefined) process.stdout.write(`${line}\n`);
  return untilStopped(service, log, asked.reason);
}

/** Runs until it is asked to stop, or until the service fails. @returns whether it ended as asked */
export async function untilStopped(
  service: Service,
  log: Logger,
  asked: Promise<string> = shutdown().reason,
): Promise<boolean> {
  const reason = await Promise.race([asked, service.lost]);
  if (typeof reason === 'string') log.info({ signal: reason }, 'stopping');
  else log.fatal({ err: reason.reason }, `${reason.what} is lost`);
  await service.stop();
  return typeof reason === 'string';
}
