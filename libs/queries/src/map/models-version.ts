import type { Instant, Token } from '#libs/domain';
import { digestOf, packedCheckpoints, unpacked } from '#libs/projection';
import { Query, type QueryHandler } from '../query.js';
import type { QueryOptions } from '../freshness/basis.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';

/** What an answer about all places was made from: the same question has the same answer while the key is the same. */
export interface ModelsVersion {
  key: string;
  /** The checkpoint of the read models. */
  token: Token;
  rulesetVersion: string;
  recordedAt: Instant | null;
}

/** The present version of the read models, for a ruleset. Cheap: it reads the checkpoints alone. */
export class GetModelsVersion extends Query<ModelsVersion> {
  constructor(readonly options: QueryOptions = {}) {
    super();
  }
}

export class GetModelsVersionHandler implements QueryHandler<GetModelsVersion> {
  constructor(private readonly models: ReadModels) {}

  execute({ options }: GetModelsVersion) {
    return this.models.read((tx) => readVersion(tx), options.ruleset);
  }
}

export async function readVersion({
  db,
  schema,
  ruleset,
  recordedAt,
  generation,
}: ReadTransaction): Promise<ModelsVersion> {
  const checkpoints = await packedCheckpoints(db, schema);
  const key = digestOf(JSON.stringify([checkpoints, recordedAt, ruleset.version, generation]));
  return { key, token: unpacked(checkpoints), rulesetVersion: ruleset.version, recordedAt };
}
