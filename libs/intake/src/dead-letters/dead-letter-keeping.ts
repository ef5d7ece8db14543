import type pg from 'pg';
import { printable } from '#libs/domain';
import { insertDeadLetters, type NewDeadLetter } from './dead-letter-rows.js';
import { fateOf, faultOf } from '../requests/retry-policy.js';

/** The code of a dead letter of which the database keeps only the place in its topic. */
export const NOT_KEPT = 'letter-not-kept';

/**
 * Keeps the dead letters that are not kept yet. If the database refuses one, it keeps a note in its place, so that it does
 * not stop the others.
 * @param onRefused called for one of which not even the note can be kept
 * @returns the number of new ones
 */
export async function keepDeadLetters(
  pool: pg.Pool,
  letters: readonly NewDeadLetter[],
  onRefused: (letter: NewDeadLetter, error: Error) => void,
): Promise<number> {
  try {
    return await insertDeadLetters(pool, letters);
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (letters.length === 1) return keepNote(pool, letters[0]!, error as Error, onRefused);
  }
  const middle = Math.ceil(letters.length / 2);
  return (
    (await keepDeadLetters(pool, letters.slice(0, middle), onRefused)) +
    (await keepDeadLetters(pool, letters.slice(middle), onRefused))
  );
}

const isRefused = (error: unknown) => fateOf(faultOf(error)) === 'dead letter';

async function keepNote(
  pool: pg.Pool,
  letter: NewDeadLetter,
  { message }: Error,
  onRefused: (letter: NewDeadLetter, error: Error) => void,
): Promise<number> {
  const detail = printable(`the database cannot keep it (${message}); its topic has it whole`, 500);
  try {
    return await insertDeadLetters(pool, [
      { ...letter, code: NOT_KEPT, detail, key: null, value: null, headers: {} },
    ]);
  } catch (error) {
    if (!isRefused(error)) throw error;
    onRefused(letter, error as Error);
    return 0;
  }
}
