import { TimeSlice } from '#libs/concurrency';
import { fold, isClaim, type PlacedEvent } from '#libs/domain';
import { inTransaction, type Db } from '#libs/platform';
import type pg from 'pg';

// The words of quotes lie in the schema of the log: an erasure removes them in its own transaction, of whatever
// generation the read models are, and however many are being rebuilt.

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Scripts that put no space between words: each of their letters begins a word of so many letters. */
const SCRIPTS = ['Han', 'Hira', 'Kana', 'Thai', 'Laoo', 'Khmr', 'Mymr']
  .map((one) => `\\p{scx=${one}}`)
  .join('');
const UNSPACED = new RegExp(`[${SCRIPTS}]`, 'u');
const RUNS = new RegExp(`[${SCRIPTS}]+|[^${SCRIPTS}]+`, 'gu');
const UNSPACED_LETTERS = 6;
/** Of a longer word the first letters count: PostgreSQL refuses very long ones. */
const MAX_LETTERS = 100;

/** The words to search for that a text has, folded; of scripts without spaces its runs of letters. An apostrophe parts no word. */
export const searchedWords = (text: string): string[] => [...new Set(split(fold(text).replaceAll("'", '')))];

const split = (folded: string): string[] =>
  (folded.match(WORD) ?? []).flatMap((word) => word.match(RUNS) ?? []);

/** The words by which a text is found: those with an apostrophe also by their parts, as "army" in "l'army". */
function wordsOf(text: string): string[] {
  const folded = fold(text);
  const words = [...split(folded.replaceAll("'", '')), ...(folded.includes("'") ? split(folded) : [])];
  return [...new Set(words.flatMap((word) => (UNSPACED.test(word) ? windows(word, 1) : [cut(word)])))];
}

/** The tsquery that finds the texts in which each of some words (`searchedWords`) begins a word. */
export const wordsPattern = (words: readonly string[]): string =>
  words
    .flatMap((word) => (UNSPACED.test(word) ? windows(word, UNSPACED_LETTERS) : [cut(word)]))
    .map((word) => `'${word}':*`)
    .join(' & ');

const cut = (word: string): string => [...word].slice(0, MAX_LETTERS).join('');

/** The parts of a run that begin with each of its letters; those shorter than `least` only where the run itself is. */
function windows(run: string, least: number): string[] {
  const letters = [...run];
  const last = Math.max(0, letters.length - least);
  return Array.from({ length: last + 1 }, (_, at) => letters.slice(at, at + UNSPACED_LETTERS).join(''));
}

/** The ids of the statements among events that have a quote. */
export const quotedIn = (events: readonly PlacedEvent[]): string[] =>
  events.flatMap((event) =>
    isClaim(event) && event.data.source?.quoteDigest !== undefined ? [event.statementId!] : [],
  );

/** Writes the words of the quotes of statements, except those erased by then. In a transaction. */
export async function writeQuoteWords(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  // Whoever erases one of them waits until its words are there, and then removes them.
  const { rows } = await db.query<{ id: string; quote: string }>(
    'select id, quote from claimline.quotes where id = any($1::uuid[]) and quote is not null order by id for share',
    [ids],
  );
  if (rows.length === 0) return;
  const words: string[] = [];
  const slice = new TimeSlice();
  for (const { quote } of rows) {
    words.push(wordsOf(quote).join(' '));
    if (slice.isOver()) await slice.rest();
  }
  await db.query(
    `insert into claimline.quote_words (id, words)
     select id, array_to_tsvector(string_to_array(words, ' ')) from unnest($1::uuid[], $2::text[]) n (id, words)
     on conflict (id) do nothing`,
    [rows.map(({ id }) => id), words],
  );
}

const QUOTES_PER_TRANSACTION = 1000;

/** Writes the words that are missing of the quotes of a timeline: of a store that was restored, or is older than this search. */
export async function writeMissingWords(pool: pg.Pool, schema: string, signal?: AbortSignal): Promise<void> {
  let written = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    signal?.throwIfAborted();
    const { rows } = await pool.query<{ id: string }>(
      `select q.id from claimline.quotes q
       where q.id > $1 and q.quote is not null and exists (select from ${schema}.timeline t where t.statement_id = q.id)
         and not exists (select from claimline.quote_words w where w.id = q.id)
       order by q.id limit $2`,
      [after, QUOTES_PER_TRANSACTION],
    );
    if (rows.length === 0) break;
    const ids = rows.map(({ id }) => id);
    await inTransaction(pool, (db) => writeQuoteWords(db, ids));
    after = ids.at(-1)!;
    written += ids.length;
  }
  if (written > 0) await pool.query('analyze claimline.quote_words');
}
