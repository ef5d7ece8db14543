import type pg from 'pg';

/** How many events each stage has got to; the relay's as of the one topic that this log goes to. */
export interface Stages {
  recorded: number;
  relayed: number;
  projected: number;
}

export async function stagesOf(db: Pick<pg.ClientBase, 'query'>): Promise<Stages> {
  const sum = (table: string) => `(select coalesce(sum(position), 0) from ${table})::float8`;
  const { rows } = await db.query<Stages>(
    `select ${sum('claimline.heads')} recorded, ${sum('claimline.relay_cursors')} relayed, ${sum('read_models.checkpoint')} projected`,
  );
  return rows[0]!;
}
