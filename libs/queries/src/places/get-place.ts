import type { BitemporalPoint, LocationId, LocationState, Ruleset } from '#libs/domain';
import { etagOf, rulesetOf } from '#libs/projection';
import { LongTimelines } from '../as-of/long-timelines.js';
import { readPlaceAsOf, stateAt, type PlaceAsOf } from '../as-of/state-as-of.js';
import type { QueryOptions } from '../freshness/basis.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';

/** A state as it is answered: JSON text, and its entity tag with quotes. */
export interface StoredState {
  json: string;
  etag: string;
}

/**
 * The state of a place; of a merged one that of the place it was merged into, with `mergedFrom`. Undefined if the place is
 * not known, or was not known then.
 * @param point absent: the present state by the ruleset in force, which is kept ready
 */
export class GetPlace extends Query<StoredState | undefined> {
  constructor(
    readonly id: string,
    readonly point?: BitemporalPoint,
    readonly options: QueryOptions = {},
  ) {
    super();
  }
}

export class GetPlaceHandler implements QueryHandler<GetPlace> {
  private readonly present: { name: string; text: string };
  private readonly long = new LongTimelines();

  constructor(private readonly models: ReadModels) {
    const { generation, schema } = models;
    // The basis of a state is one text: each column of an answer costs as much as a look-up in an index.
    this.present = {
      name: `${generation.schema}.location`.slice(0, 63),
      text: `select f.state as json, f.etag, concat_ws(' ', l.root_id,
          (extract(epoch from f.last_recorded_at) * 1000)::bigint,
          (select ruleset_version from ${schema}.generation)) as basis
        from ${schema}.location l join ${schema}.location_state f on f.id = l.root_id where l.id = $1`,
    };
  }

  execute({ id, point, options }: GetPlace): Promise<StoredState | undefined> {
    return point ? this.asOf(id, point, options) : this.now(id, options);
  }

  private async now(id: string, { onBasis }: QueryOptions): Promise<StoredState | undefined> {
    const { rows } = await this.models.pool.query<StoredState & { basis: string }>({
      ...this.present,
      values: [id],
    });
    const [row] = rows;
    if (!row) return undefined;
    const { json, etag, basis } = row;
    const [root, recordedAt] = basis.split(' ', 2) as [string, string];
    onBasis?.({
      ruleset: basis.slice(root.length + recordedAt.length + 2),
      recordedAt: new Date(Number(recordedAt)).toISOString(),
      places: () => [root as LocationId, ...(JSON.parse(json) as LocationState).merged],
    });
    return root === id ? { json, etag } : mergedFrom(id, json);
  }

  private async asOf(
    id: string,
    point: BitemporalPoint,
    { ruleset: requested, onBasis }: QueryOptions,
  ): Promise<StoredState | undefined> {
    const place = await readPlaceAsOf(this.models, id, point, this.long);
    if (!place) return undefined;
    const { history, members, recordedAt, rulesetVersion } = place;
    onBasis?.({ ruleset: requested?.version ?? rulesetVersion, recordedAt, places: () => members });
    // Intervals and indexes are of the ruleset in force.
    return requested && requested.version !== rulesetVersion
      ? storedState(id, { history }, requested, point)
      : storedState(id, place, await rulesetOf(this.models.generation, rulesetVersion), point);
  }
}

function storedState(id: string, place: PlaceAsOf, ruleset: Ruleset, point: BitemporalPoint): StoredState {
  const json = JSON.stringify(stateAt(place, ruleset, point));
  return place.history.places[0].id === id ? { json, etag: etagOf(json) } : mergedFrom(id, json);
}

/** The text of an answer with one more field. */
function mergedFrom(id: string, json: string): StoredState {
  const answer = `${json.slice(0, -1)},"mergedFrom":${JSON.stringify(id)}}`;
  return { json: answer, etag: etagOf(answer) };
}
