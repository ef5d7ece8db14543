import { InvalidArgumentError } from 'commander';
import type { Settings } from '#libs/platform';
import { allParts, type Part, PARTS } from '#libs/service';
import { serve } from '#modules/service';
import { AppModule } from './app.module.js';

/** `claimline start`: serves until it is asked to stop. */
export function start(given: readonly string[], settings: Settings): Promise<boolean> {
  const parts = given.length === 0 ? allParts(settings) : given.map(partOf);
  const suffix = given.length === 0 ? '' : ` (${parts.join(', ')})`;
  return serve(AppModule.of(parts), parts, settings, suffix);
}

function partOf(given: string): Part {
  const part = PARTS.find((one) => one === given);
  if (part) return part;
  throw new InvalidArgumentError(`there is no part "${given}": choose from ${PARTS.join(', ')}`);
}
