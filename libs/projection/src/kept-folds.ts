import type { Interval, LocationId, PlaceFold } from '#libs/domain';
import { createHash, type Hash } from 'node:crypto';
import { digestOf, shortened } from './tables/etag.js';

/** The fields by which lists search and show places. */
export interface Facts {
  name: string;
  search: string;
  country: string | null;
  region: string | null;
  lon: number | null;
  lat: number | null;
  reported: boolean;
}

export const FACTS: readonly (keyof Facts)[] = [
  'name',
  'search',
  'country',
  'region',
  'lon',
  'lat',
  'reported',
];

/** What the rows of a root are known to hold. */
export interface Rows extends Facts {
  etag: string;
  history: readonly Interval[];
  historyDigest: string;
}

/** The fold of a root, and what its rows were written from. */
export interface KeptFold {
  id: LocationId;
  fold: PlaceFold;
  rows: Rows;
  digest: HistoryDigest;
}

/** The most statements kept, about 1 kB each. */
const MAX_KEPT_STATEMENTS = 40_000;
/** A place counts as so many statements beside its own. */
const STATEMENTS_PER_PLACE = 4;

/**
 * The folds of the places that were folded last, for the next statements about them. A fold is valid while the locked row of
 * its state has the etag that it was written with: the state names the last position of each shard with an event about the
 * place, and the ruleset, so the same etag means the same events. What was rolled back is not to be kept.
 */
export class KeptFolds {
  /** The least recently kept first. */
  private readonly folds = new Map<LocationId, KeptFold>();
  private statements = 0;

  /** @param most the most statements, a place counting as some beside its own */
  constructor(private readonly most = MAX_KEPT_STATEMENTS) {}

  /** The number of statements that are kept, as `most` counts them. */
  get size(): number {
    return this.statements;
  }

  values(): Iterable<KeptFold> {
    return this.folds.values();
  }

  /** Takes out the fold of a root; undefined where it is not kept, or not of the row with this etag. */
  take(id: LocationId, etag: string | undefined): KeptFold | undefined {
    const kept = this.folds.get(id);
    if (!kept) return undefined;
    this.folds.delete(id);
    this.statements -= sizeOf(kept);
    return kept.rows.etag === etag ? kept : undefined;
  }

  /** Keeps folds whose rows are committed; those least recently kept make room. */
  keep(folds: Iterable<KeptFold>): void {
    for (const fold of folds) {
      this.take(fold.id, undefined);
      this.folds.set(fold.id, fold);
      this.statements += sizeOf(fold);
    }
    for (const { id } of this.folds.values()) {
      if (this.statements <= this.most) break;
      this.take(id, undefined);
    }
  }
}

const sizeOf = ({ fold }: KeptFold): number => fold.length + STATEMENTS_PER_PLACE;

/** Of shorter histories the whole is digested each time. */
const MIN_CONTINUED = 32;
/** The intervals at the end of a history that a further statement may change: it can end the last, or begin it anew. */
const OPEN_INTERVALS = 2;

/** The digest of a history: that of its JSON. Of a history that goes on only what is new is digested. */
export class HistoryDigest {
  private hash: Hash | undefined;
  private last: Interval | undefined;
  private count = 0;

  of(history: readonly Interval[]): string {
    const closed = history.length - OPEN_INTERVALS;
    if (history.length < MIN_CONTINUED) return digestOf(JSON.stringify(history));
    if (!this.hash || this.count > closed || history[this.count - 1] !== this.last) {
      this.hash = createHash('sha256').update('[');
      this.count = 0;
    }
    for (; this.count < closed; this.count++) this.hash.update(`${JSON.stringify(history[this.count])},`);
    this.last = history[this.count - 1];
    const open = history.slice(closed).map((interval) => JSON.stringify(interval));
    return shortened(
      this.hash
        .copy()
        .update(`${open.join(',')}]`)
        .digest('base64url'),
    );
  }
}
