import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tiles of the Merkle tree over each shard. */
export class Trees1764200000001 implements MigrationInterface {
  name = 'Trees1764200000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TILES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table claimline.tiles');
  }
}

// Hashes cannot be compressed.
const TILES = `
  create table claimline.tiles (
    shard smallint not null,
    level smallint not null,
    index bigint not null,
    hashes bytea not null,
    primary key (shard, level, index)
  );
  alter table claimline.tiles alter column hashes set storage external;
  comment on table claimline.tiles is
    'the Merkle tree of each shard, 256 hashes a tile: level 0 its leaves, complete tiles only; '
    'each level above the roots of the complete tiles below. '
    'Made of the events: what is deleted from the end is filled again';
`;
