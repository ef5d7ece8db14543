import { InvalidArgumentError } from 'commander';
import { createLogger, type Settings } from '#libs/platform';
import { PARTS, type Part } from './parts.js';
import { allParts, startService, untilStopped, type Service } from './service.js';
import { stopAsked } from './stopping.js';

/** `claimline start`: serves until it is asked to stop. */
export async function start(given: readonly string[], settings: Settings): Promise<boolean> {
  const parts = given.length === 0 ? allParts(settings) : given.map(partOf);
  const log = createLogger(settings.logLevel);
  const asked = stopAsked();
  let service: Service;
  try {
    service = await startService(parts, settings, log, asked.signal);
  } catch (error) {
    if (asked.signal.aborted) return true;
    throw error;
  }
  process.stdout.write(
    `Claimline is ready at ${service.url}${given.length === 0 ? '' : ` (${parts.join(', ')})`}\n`,
  );
  return untilStopped(service, log, asked.reason);
}

function partOf(given: string): Part {
  const part = PARTS.find((one) => one === given);
  if (part) return part;
  throw new InvalidArgumentError(`there is no part "${given}": choose from ${PARTS.join(', ')}`);
}
