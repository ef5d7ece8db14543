import type { LocationId } from '#libs/domain';
import { named } from '#libs/projection';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';

/** A place that is merged into no other, and the JSON of its present state. */
export interface RootState {
  root: LocationId;
  json: string;
}

/** The present states of some places, by their ids; of merged ones those of the places they were merged into. Unknown ones are left out. */
export class GetPlaces extends Query<Map<LocationId, RootState>> {
  constructor(readonly ids: readonly LocationId[]) {
    super();
  }
}

export class GetPlacesHandler implements QueryHandler<GetPlaces> {
  constructor(private readonly models: ReadModels) {}

  async execute({ ids }: GetPlaces): Promise<Map<LocationId, RootState>> {
    const { pool, schema } = this.models;
    // By the key, one by one: a join would read the whole table.
    const { rows } = await pool.query<RootState & { id: LocationId }>(
      named(
        `select m.id, p.root, p.json from unnest($1::text[]) m (id)
         cross join lateral (
           select l.root_id as root, f.state as json
           from ${schema}.location l join ${schema}.location_state f on f.id = l.root_id where l.id = m.id limit 1
         ) p`,
        [ids],
      ),
    );
    return new Map(rows.map(({ id, root, json }) => [id, { root, json }]));
  }
}
