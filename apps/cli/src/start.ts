import { InvalidArgumentError } from 'commander';
import { createLogger, type Settings } from '#libs/platform';
import { PARTS, startService, untilStopped, type Part } from './service.js';

export { PARTS };

/** `claimline start`: serves until it is told to stop. */
export async function start(given: readonly string[], settings: Settings): Promise<boolean> {
  const parts = given.length === 0 ? PARTS : given.map(partOf);
  const log = createLogger(settings.logLevel);
  const service = await startService(parts, settings, log);
  process.stdout.write(`${service.url ? `Claimline is ready at ${service.url}` : `Claimline is ready: ${parts.join(', ')}`}\n`);
  return untilStopped(service, log);
}

function partOf(given: string): Part {
  const part = PARTS.find((one) => one === given);
  if (part) return part;
  throw new InvalidArgumentError(`there is no part "${given}": choose of ${PARTS.join(', ')}`);
}
