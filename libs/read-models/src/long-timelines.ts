import { Course, type Dossier, type LocationId, type Ruleset, type Said } from '#libs/domain';
import type { Timelines } from './register-entries.js';

/** From so many statements on a timeline is long: to parse it takes longer than all else that a past state needs. */
export const LONG = 200;
/** Statements that are kept in all, some 30 MB of them. */
const MOST = 40_000;

/** What is kept of a long place. */
export class LongPlace {
  readonly statements: number;
  private course: Course | undefined;

  constructor(
    readonly etag: string,
    private readonly said: ReadonlyMap<LocationId, Said[]>,
  ) {
    this.statements = [...said.values()].reduce((sum, one) => sum + one.length, 0);
  }

  readonly timelines: Timelines = (member) => this.said.get(member) ?? [];

  /** The course of the place. @param dossier all that is known of it by now; it and the ruleset are the same as long as the entity tag is */
  courseOf(dossier: Dossier, ruleset: Ruleset): Course {
    return (this.course ??= new Course(dossier, ruleset));
  }
}

/**
 * The timelines of long places that were asked about last, parsed. Who looks at a place day by day asks for the same ones
 * again; the entity tag of the place's present state, which each question reads, tells whether they still are.
 */
export class LongTimelines {
  private readonly kept = new Map<string, LongPlace>();
  private statements = 0;

  etagOf(id: string): string | undefined {
    return this.kept.get(id)?.etag;
  }

  /** What is kept of a place, which then goes last. */
  get(id: string, etag: string): LongPlace | undefined {
    const found = this.kept.get(id);
    if (found?.etag !== etag) return undefined;
    this.kept.delete(id);
    this.kept.set(id, found);
    return found;
  }

  /** Keeps the timelines of a place and those merged into it; the places that nobody asked about for longest give way. */
  keep(id: string, etag: string, members: readonly LocationId[], timelines: Timelines): Timelines {
    const place = new LongPlace(etag, new Map(members.map((member) => [member, timelines(member)])));
    this.drop(id);
    this.kept.set(id, place);
    this.statements += place.statements;
    for (const oldest of this.kept.keys()) {
      if (this.statements <= MOST) break;
      this.drop(oldest);
    }
    return place.timelines;
  }

  private drop(id: string): void {
    this.statements -= this.kept.get(id)?.statements ?? 0;
    this.kept.delete(id);
  }
}
