import { inOrder, type LocationId, type Said } from '#libs/domain';
import type { Timelines } from './register-entries.js';

/** From so many statements on a timeline is long: to parse it takes longer than all else that a past state needs. */
export const LONG = 200;
/** Statements that are kept in all, some 25 MB of them. */
const MOST = 40_000;

interface Kept {
  etag: string;
  statements: number;
  timelines: ReadonlyMap<LocationId, Said[]>;
}

/**
 * The timelines of long places that were asked about last, parsed. Who looks at a place day by day asks for the same ones
 * again; the entity tag of the place's present state, which each question reads, tells whether they still are.
 */
export class LongTimelines {
  private readonly kept = new Map<string, Kept>();
  private statements = 0;

  etagOf(id: string): string | undefined {
    return this.kept.get(id)?.etag;
  }

  /** What is kept of a place, which then goes last. */
  get(id: string, etag: string): Timelines | undefined {
    const found = this.kept.get(id);
    if (found?.etag !== etag) return undefined;
    this.kept.delete(id);
    this.kept.set(id, found);
    return (member) => found.timelines.get(member) ?? [];
  }

  /** Keeps the timelines of a place and those merged into it; the places that nobody asked about for longest give way. */
  keep(id: string, etag: string, members: readonly LocationId[], timelines: Timelines): Timelines {
    const parsed = new Map(members.map((member) => [member, timelines(member).sort(inOrder)]));
    const statements = [...parsed.values()].reduce((sum, said) => sum + said.length, 0);
    this.drop(id);
    this.kept.set(id, { etag, statements, timelines: parsed });
    this.statements += statements;
    for (const oldest of this.kept.keys()) {
      if (this.statements <= MOST) break;
      this.drop(oldest);
    }
    return (member) => parsed.get(member) ?? [];
  }

  private drop(id: string): void {
    this.statements -= this.kept.get(id)?.statements ?? 0;
    this.kept.delete(id);
  }
}
