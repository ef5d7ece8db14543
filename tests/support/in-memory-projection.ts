import {
  applyToPlace,
  applyToStatement,
  isClaim,
  isOperation,
  isRegister,
  placesOf,
  recordedStatement,
  unregistered,
  type BitemporalPoint,
  type LocationId,
  type Place,
  type PlacedEvent,
  type PlaceHistory,
  type RecordedStatement,
} from '#libs/domain';

/**
 * The whole log folded in memory, place by place: the plainest form of the read models, and the reference they are
 * compared with. Events of one shard come in its order; shards may interleave in any way.
 */
export class InMemoryProjection {
  private readonly register: PlacedEvent[] = [];
  private readonly timelines = new Map<string, RecordedStatement[]>();
  private readonly statements = new Map<string, RecordedStatement>();

  append(event: PlacedEvent): void {
    if (isOperation(event)) return;
    if (isRegister(event)) this.register.push(event);
    else if (isClaim(event)) {
      const one = recordedStatement(event);
      this.statements.set(one.statementId, one);
      const timeline = this.timelines.get(event.stream);
      if (timeline) timeline.push(one);
      else this.timelines.set(event.stream, [one]);
    } else applyToStatement(this.statements.get(event.statementId!)!, event);
  }

  /** The places that are not merged into another, as known at the given time. */
  roots(knownAt?: BitemporalPoint['knownAt']): LocationId[] {
    const places = this.places(knownAt);
    return [...new Set([...places.keys(), ...(this.timelines.keys() as Iterable<LocationId>)])].filter(
      (id) => !places.get(id)?.mergedInto,
    );
  }

  /** Everything known at the given time about the place `id`, or the place it is merged into. */
  history(id: LocationId, { knownAt }: BitemporalPoint = {}): PlaceHistory {
    const places = this.places(knownAt);
    const at = (one: LocationId) => places.get(one) ?? unregistered(one);
    const rootOf = (one: LocationId): LocationId => (at(one).mergedInto ? rootOf(at(one).mergedInto!) : one);
    const root = rootOf(id);
    const merged = [...places.values()].filter((place) => place.id !== root && rootOf(place.id) === root);
    const members = [at(root), ...merged] as PlaceHistory['places'];
    const ids = new Set(members.map((place) => place.id));
    return {
      places: members,
      touches: this.known(knownAt).filter(
        (event) => isRegister(event) && placesOf(event).some((one) => ids.has(one)),
      ),
      timeline: [...ids].flatMap((one) => this.timelines.get(one) ?? []),
    };
  }

  private places(knownAt: BitemporalPoint['knownAt']): Map<LocationId, Place> {
    const places = new Map<LocationId, Place>();
    for (const event of this.known(knownAt))
      if (isRegister(event)) {
        const id = event.data.locationId;
        places.set(id, applyToPlace(places.get(id) ?? unregistered(id), event));
      }
    return places;
  }

  private readonly known = (knownAt: BitemporalPoint['knownAt']) =>
    this.register.filter(({ recordedAt }) => !knownAt || recordedAt <= knownAt);
}
