import { Batcher } from '#libs/concurrency';
import {
  LOCATION_ID,
  type BitemporalPoint,
  type Instant,
  type LocationId,
  type LocationState,
  type Ruleset,
} from '#libs/domain';
import { etagOf, rulesetOf } from '#libs/projection';
import { LongTimelines } from '../as-of/long-timelines.js';
import { readPlaceAsOf, stateAt, type PlaceAsOf } from '../as-of/state-as-of.js';
import type { QueryOptions } from '../freshness/basis.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';

/** A state as it is answered: JSON text, and its entity tag with quotes. */
export interface StoredState {
  /** Empty where the tag is the one that the query names in `unless`. */
  json: string;
  etag: string;
}

/**
 * The state of a place; of a merged one that of the place it was merged into, with `mergedFrom`. Undefined if the place is
 * not known, or was not known then.
 * @param point absent: the present state by the ruleset in force, which is kept ready
 * @param unless an entity tag, without blanks: the text of the present state is left out if this is its tag
 */
export class GetPlace extends Query<StoredState | undefined> {
  constructor(
    readonly id: string,
    readonly point?: BitemporalPoint,
    readonly options: QueryOptions = {},
    readonly unless?: string,
  ) {
    super();
  }
}

/** States in one read: together they may be large. */
const MAX_STATES = 100;
/** Of the connections for reading, these are enough: more reads at once are smaller ones. */
const MAX_CONCURRENT_READS = 2;

/** A present state, with what it rests on. */
interface Found {
  json: string | null;
  etag: string;
  root: LocationId;
  recordedAt: Instant;
  ruleset: string;
}

export class GetPlaceHandler implements QueryHandler<GetPlace> {
  private readonly present: { name: string; text: string };
  private readonly long = new LongTimelines();
  /** Present states that are asked for at the same time are read together, for a query costs more than a state. */
  private readonly reads = new Batcher<string, Found | undefined>((asked) => this.read(asked), {
    items: MAX_STATES,
    atOnce: MAX_CONCURRENT_READS,
  });

  constructor(private readonly models: ReadModels) {
    const { generation, schema } = models;
    // All but the state is one text: each column of an answer costs as much as a look-up in an index. So are all keys: the
    // planner would look into an array, and make a plan for each number of places. Each place is looked up by its key.
    this.present = {
      name: `${generation.schema}.location`.slice(0, 63),
      text: `select found.* from string_to_table($1, E'\\n') with ordinality as asked (key, at), lateral (
          select case when l.root_id = l.id and f.etag = split_part(key, ' ', 2) then null else f.state end as json,
            concat_ws(' ', at, f.etag, l.root_id, (extract(epoch from f.last_recorded_at) * 1000)::bigint,
              (select ruleset_version from ${schema}.generation)) as basis
          from ${schema}.location l join ${schema}.location_state f on f.id = l.root_id
          where l.id = split_part(key, ' ', 1) offset 0) found`,
    };
  }

  execute({ id, point, options, unless = '' }: GetPlace): Promise<StoredState | undefined> {
    return point ? this.asOf(id, point, options) : this.now(id, unless, options);
  }

  private async now(id: string, unless: string, { onBasis }: QueryOptions): Promise<StoredState | undefined> {
    if (!LOCATION_ID.test(id)) return undefined;
    const [found] = await this.reads.submit([`${id} ${unless}`]);
    if (!found) return undefined;
    const { json, etag, root, recordedAt, ruleset } = found;
    onBasis?.({
      ruleset,
      recordedAt,
      // The state names the places that are merged into it. Where it was left out, any place may be one.
      places: json === null ? undefined : () => [root, ...(JSON.parse(json) as LocationState).merged],
    });
    if (json === null) return { json: '', etag };
    return root === id ? { json, etag } : mergedFrom(id, json);
  }

  /** The present state for each key, an id and a tag; one that several callers ask for is read once. */
  private async read(asked: readonly string[]): Promise<(Found | undefined)[]> {
    const keys = [...new Set(asked)];
    const { rows } = await this.models.pool.query<{ json: string | null; basis: string }>({
      ...this.present,
      values: [keys.join('\n')],
    });
    const found = new Map<string, Found>();
    for (const { json, basis } of rows) {
      const [at, etag, root, recordedAt] = basis.split(' ', 4) as [string, string, LocationId, string];
      found.set(keys[Number(at) - 1]!, {
        json,
        etag,
        root,
        recordedAt: new Date(Number(recordedAt)).toISOString(),
        ruleset: basis.slice(at.length + etag.length + root.length + recordedAt.length + 4),
      });
    }
    return asked.map((key) => found.get(key));
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
