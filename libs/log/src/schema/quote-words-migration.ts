import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The words of quotes, by which statements are searched: beside the quotes, so that they are erased with them. */
export class QuoteWords1764660000000 implements MigrationInterface {
  name = 'QuoteWords1764660000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(QUOTE_WORDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger erased_quotes_have_no_words on claimline.quotes;
      drop function claimline.forget_words();
      drop table claimline.quote_words`);
  }
}

// A long list of pending entries makes a GIN index slow to read.
const QUOTE_WORDS = `
  create table claimline.quote_words (
    id uuid primary key,
    words tsvector not null
  );
  create index quote_words_words on claimline.quote_words using gin (words) with (gin_pending_list_limit = 512);
  comment on table claimline.quote_words is
    'the words of the quotes of statements, folded: written by projectors; rows go when their quotes are erased';

  create function claimline.forget_words() returns trigger language plpgsql as $$
  begin
    delete from claimline.quote_words where id = old.id;
    return null;
  end $$;
  create trigger erased_quotes_have_no_words after update or delete on claimline.quotes
    for each row execute function claimline.forget_words();
`;
