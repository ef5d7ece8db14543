import type pg from 'pg';
import { printable } from '#libs/domain';
import { insertDeadLetters, type NewDeadLetter } from './dead-letter-rows.js';
import { fateOf, faultOf } from './retry-policy.js';

/** The code of a dead letter of which the database keeps only where it is. */
export const NOT_KEPT = 'letter-not-kept';

/**
 * Keeps what is not kept yet. Of one that the database refuses it keeps a note in its place, so that it stops no other.
 * @param onRefused hears of one of which not even that can be kept
 * @returns how many were new
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
