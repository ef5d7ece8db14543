import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { inTransaction } from '#libs/platform';
import { rebuild, searchedWords, wordsPattern } from '#libs/projection';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { Random } from '../../../tests/support/random.js';
import { ruleset, TestLog } from '../../../tests/support/test-log.js';
import { writeQuoteWords } from '../src/tables/quote-words.js';

let pool: pg.Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await openDatabase());
});
afterAll(() => close());
beforeEach(() => pool.query('delete from claimline.quotes; delete from claimline.quote_words'));

const keep = (id: string, quote: string) =>
  pool.query(`insert into claimline.quotes (id, salt, quote) values ($1, 's', $2)`, [id, quote]);
const erase = (id: string) =>
  pool.query(`update claimline.quotes set salt = null, quote = null, erased_at = now() where id = $1`, [id]);
/** Until somebody waits for a lock. */
async function waiting(): Promise<void> {
  for (let isFound = false; !isFound; await sleep(10)) {
    const { rowCount } = await pool.query('select from pg_locks where not granted');
    isFound = rowCount! > 0;
  }
}
const words = async () =>
  (
    await pool.query<{ row: string }>('select w::text as row from claimline.quote_words w order by id')
  ).rows.map(({ row }) => row);

describe('words find a quote', () => {
  const ID = '00000000-0000-4000-8000-000000000001';
  const finds = async (quote: string, text: string) => {
    await pool.query('delete from claimline.quotes');
    await keep(ID, quote);
    await inTransaction(pool, (db) => writeQuoteWords(db, [ID]));
    const { rowCount } = await pool.query('select from claimline.quote_words where words @@ $1::tsquery', [
      wordsPattern(searchedWords(text)),
    ]);
    return rowCount === 1;
  };

  it.each([
    ['Українські сили звільнили Куп’янськ', 'куп'],
    ['Українські сили звільнили Куп’янськ', "КУП'ЯНСЬК звільн"],
    ['Українські сили звільнили Куп’янськ', 'купянськ'],
    ['Российские войска вошли в посёлок', 'поселок ВОЙСКА'],
    ['The General Staff said: "we hold Kup’yansk-Vuzlovyi."', 'vuzlovyi kupyansk'],
    ['استعادت القوات المدينة', 'القو'],
    ['القُوّاتُ في المدينة', 'القوات'],
    // Burmese, Chinese, Japanese and Thai put no space between words.
    ['တပ်မတော်သည်ခင်ဦးမြို့ကိုသိမ်းပိုက်ခဲ့သည်', 'ခင်ဦး'],
    ['俄軍佔領了庫普揚斯克市', '庫普揚斯克'],
    ['俄軍佔領了庫普揚斯克市', '俄軍佔領了庫普揚斯克'],
    ['ロシア軍はサーバーを占拠した', 'サーバー'],
    ['กองทัพยึดเมือง', 'เมือง'],
    ['ß STRASSE', 'strasse ss'],
    ["l’armée d'Ukraine", "armée ukraine l'armee"],
    ['a\\b"c:*&|!<->(d)', 'a b c d'],
  ])('%#: %s by %s', async (quote, text) => {
    expect(await finds(quote, text)).toBe(true);
  });

  it.each([
    ['Українські сили звільнили Куп’янськ', 'упянськ'],
    ['Українські сили звільнили Куп’янськ', 'куп харків'],
    ['တပ်မတော်သည်ခင်ဦးမြို့ကိုသိမ်းပိုက်ခဲ့သည်', 'ရန်ကုန်'],
    ['俄軍佔領了庫普揚斯克市', '烏軍'],
    ['俄軍佔領了庫普揚斯克市', '俄軍佔領了庫普揚斯克村'],
    ['…', 'a'],
  ])('%#: not %s by %s', async (quote, text) => {
    expect(await finds(quote, text)).toBe(false);
  });

  it('of any length', async () => {
    expect(await finds(`${'x'.repeat(9000)} tail`, `${'x'.repeat(150)} tail`)).toBe(true);
  });
});

describe('an erased quote', () => {
  it('leaves no words, also where a projector is about to write them', async () => {
    const { statementId: id } = new TestLog().claim('kup');
    await keep(id!, 'a secret name');
    let erased: Promise<unknown> | undefined;
    await inTransaction(pool, async (db) => {
      await writeQuoteWords(db, [id!]);
      erased = erase(id!);
      await waiting();
    });
    await erased;
    expect(await words()).toEqual([]);
    await inTransaction(pool, (db) => writeQuoteWords(db, [id!]));
    expect(await words()).toEqual([]);
  });

  it('leaves none in the files either, after what docs/operations.md says to run', async () => {
    const { statementId: id } = new TestLog().claim('kup');
    await keep(id!, 'verysecret');
    await inTransaction(pool, (db) => writeQuoteWords(db, [id!]));
    const inFiles = async () => {
      await pool.query('checkpoint');
      const { rows } = await pool.query<{ found: boolean }>(
        `select position('verysecret'::bytea in pg_read_binary_file(pg_relation_filepath(c.oid))) > 0 as found
         from pg_class c where c.oid in ('claimline.quotes'::regclass, 'claimline.quote_words'::regclass,
           'claimline.quote_words_words'::regclass) order by c.relname`,
      );
      return rows.map(({ found }) => found);
    };
    expect(await inFiles()).toEqual([true, true, true]);
    await erase(id!);
    for (const table of ['quotes', 'quote_words']) await pool.query(`vacuum full claimline.${table}`);
    expect(await inFiles()).toEqual([false, false, false]);
  });
});

describe('live, in any batches, and rebuilt', () => {
  for (let seed = 1; seed <= 6; seed++)
    it(`statements have the same words (${seed})`, async () => {
      const random = new Random(seed);
      const log = new TestLog(random);
      const some = ['сили', 'звільнили', 'Kupyansk', 'ခင်ဦးမြို့', 'القوات', "Куп'янськ", 'не підтверджує'];
      const quotes = new Map<string, string>();
      for (let n = 0; n < 60; n++) {
        const quote = random.chance(0.7)
          ? Array.from({ length: random.int(1, 5) }, () => random.pick(some)).join(' ')
          : undefined;
        const { statementId } = log.claim(`place-${random.int(0, 5)}`, {
          source: { outlet: 'wire.example', ...(quote && { quote }) },
        });
        if (quote) quotes.set(statementId!, quote);
      }
      for (const [id, quote] of quotes) await keep(id, quote);
      const ids = [...quotes.keys()];
      for (const id of ids) if (random.chance(0.2)) await erase(id);
      const { generation, projector } = await newGeneration(pool, log, `words${seed}`);
      for (let at = 0; at < log.events.length;) {
        const size = random.int(1, 12);
        await projector.handle(structuredClone(log.events.slice(Math.max(0, at - 2), at + size)));
        at += size;
        if (random.chance(0.3)) await erase(random.pick(ids));
      }
      // A retraction's quote is not a statement's.
      await keep(random.uuid(), 'a retraction');
      const live = await words();
      const { rows } = await pool.query('select from claimline.quotes where quote is not null');
      expect(live.length).toBe(rows.length - 1);
      expect(live.length).toBeGreaterThan(5);

      await pool.query('delete from claimline.quote_words where random() < 0.5');
      await rebuild(pool, log, ruleset, { schema: generation.schema });
      expect(await words()).toEqual(live);
      await pool.query(`drop schema ${generation.schema} cascade`);
    });
});
