import { InvalidArgumentError } from 'commander';
import { createLogger, type Settings } from '#libs/platform';
import { ROLES, type Role } from './roles.js';
import { allRoles, startService, untilStopped, type Service } from './service.js';
import { shutdown } from './shutdown.js';

/** `claimline start`: serves until it is asked to stop. */
export async function start(given: readonly string[], settings: Settings): Promise<boolean> {
  const parts = given.length === 0 ? allRoles(settings) : given.map(roleOf);
  const log = createLogger(settings.logLevel);
  const asked = shutdown();
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

function roleOf(given: string): Role {
  const part = ROLES.find((one) => one === given);
  if (part) return part;
  throw new InvalidArgumentError(`there is no part "${given}": choose from ${ROLES.join(', ')}`);
}
