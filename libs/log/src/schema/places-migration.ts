import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables for references to places: codes, regions by any name, several countries; and the version of `fold`. */
export class Places1764300000000 implements MigrationInterface {
  name = 'Places1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PLACES);
  }

  async down(): Promise<void> {
    throw new Error('names were folded again: an older version of Claimline would compare them wrongly');
  }
}

const PLACES = `
  alter table claimline.store add column fold smallint not null default 1;
  comment on column claimline.store.fold is 'the version of folding that place_names, region_names and provisional_ids were made with';

  alter table claimline.places add column countries text[] not null default '{}';
  alter table claimline.places add column codes jsonb not null default '[]';
  update claimline.places set countries = array[country] where country is not null;
  alter table claimline.places drop column country;
  create index places_within on claimline.places (within) where within is not null;

  create table claimline.region_names (
    folded text collate "C" not null,
    place_id text collate "C" not null references claimline.places,
    primary key (folded, place_id)
  );
  create index region_names_place on claimline.region_names (place_id);
  comment on table claimline.region_names is 'names of the register that have a word for a region, folded without it';

  create table claimline.place_codes (
    scheme text collate "C" not null,
    value text collate "C" not null,
    place_id text collate "C" not null references claimline.places,
    primary key (scheme, value, place_id)
  );
  create index place_codes_place on claimline.place_codes (place_id);

  create table claimline.provisional_ids (
    id text collate "C" primary key,
    place_id text collate "C" not null
  );
  comment on table claimline.provisional_ids is
    'ids that mentions come to by this fold, with the provisional places that they mean, which an older fold made under other ids';
`;
