import {
  AsOfIndex,
  type PlaceHistory,
  type LocationId,
  type Ruleset,
  type RecordedStatement,
} from '#libs/domain';
import type { Timelines } from '#libs/projection';

/** The number of statements from which a timeline is long: parsing it takes longer than the rest of a past state. */
export const MIN_LONG_TIMELINE = 200;
/** The most statements kept in all, about 30 MB. */
const MAX_KEPT_STATEMENTS = 40_000;

/** The entry of a place with a long timeline. */
export class LongPlace {
  readonly statements: number;
  private index: AsOfIndex | undefined;

  constructor(
    readonly etag: string,
    private readonly said: ReadonlyMap<LocationId, RecordedStatement[]>,
  ) {
    this.statements = [...said.values()].reduce((sum, one) => sum + one.length, 0);
  }

  readonly timelines: Timelines = (member) => this.said.get(member) ?? [];

  /** The as-of index of the place. @param history everything known of it now; unchanged, like the ruleset, while the entity tag is */
  indexFor(history: PlaceHistory, ruleset: Ruleset): AsOfIndex {
    return (this.index ??= new AsOfIndex(history, ruleset));
  }
}

/**
 * A cache of the parsed timelines of long places that were read last: a reader who looks at a place day by day needs them
 * again. The entity tag of the place's present state, which each question reads, shows whether they are still current.
 */
export class LongTimelines {
  private readonly kept = new Map<string, LongPlace>();
  private statements = 0;

  etagOf(id: string): string | undefined {
    return this.kept.get(id)?.etag;
  }

  /** The entry of a place, which becomes the last to be evicted. */
  get(id: string, etag: string): LongPlace | undefined {
    const found = this.kept.get(id);
    if (found?.etag !== etag) return undefined;
    this.kept.delete(id);
    this.kept.set(id, found);
    return found;
  }

  /** Keeps the timelines of a place and those merged into it; evicts the places that were read least recently. */
  keep(id: string, etag: string, members: readonly LocationId[], timelines: Timelines): Timelines {
    const place = new LongPlace(etag, new Map(members.map((member) => [member, timelines(member)])));
    this.drop(id);
    this.kept.set(id, place);
    this.statements += place.statements;
    for (const oldest of this.kept.keys()) {
      if (this.statements <= MAX_KEPT_STATEMENTS) break;
      this.drop(oldest);
    }
    return place.timelines;
  }

  private drop(id: string): void {
    this.statements -= this.kept.get(id)?.statements ?? 0;
    this.kept.delete(id);
  }
}
