import { InvalidArgumentError } from 'commander';
import type { Settings } from '#libs/platform';
import { allParts, type ForkedPart, type Part, PARTS } from '#libs/service';
import { serve } from '#modules/service';
import { AppModule } from './app.module.js';

/**
 * `claimline start`: serves until it is asked to stop.
 * @param forked those of all parts that run in processes of their own
 */
export function start(
  given: readonly string[],
  settings: Settings,
  forked: readonly ForkedPart[],
): Promise<boolean> {
  if (given.length > 0) {
    const parts = given.map(partOf);
    return serve(AppModule.of(parts), parts, settings, { suffix: ` (${parts.join(', ')})` });
  }
  const parts = allParts(settings).filter((part) => !forked.some((one) => one.part === part));
  return serve(AppModule.of(parts), parts, settings, { forked });
}

function partOf(given: string): Part {
  const part = PARTS.find((one) => one === given);
  if (part) return part;
  throw new InvalidArgumentError(`there is no part "${given}": choose from ${PARTS.join(', ')}`);
}
