import { counting, Course, naming, settled, timelineEntries, visible } from './derive.js';
import { interpret, type Interpretation } from './interpretation.js';
import {
  LastChange,
  mentionsOf,
  nameKey,
  stateOf,
  type locationState,
  type Mention,
  type PlaceContext,
  type PlaceHistory,
} from './location-state.js';
import { pruneSuperseded } from './prune-superseded.js';
import type { Ruleset } from '../ruleset.js';
import { compareStatements, type RecordedStatement } from '../events/recorded-statement.js';

/** With fewer statements, to fold them again costs no more than the memory for what they amount to. */
const MIN_CONTINUED = 32;

/**
 * The present state of a place, which takes further statements: it equals `locationState` of all of them, in any order. A
 * statement that is the last in the total order costs what it changes; any other, that the timeline is gone through
 * again. What becomes retracted or voided, and what the register says, needs a new fold.
 */
export class PlaceFold {
  /** The statements that no void takes away, in the total order. */
  private readonly stated: Interpretation[];
  private readonly touched: LastChange;
  /** The names by which voided statements mention the place: they count where no other does. */
  private readonly voided: readonly Mention[];
  /** What the statements amount to; undefined where that is to be found out again. */
  private tally: Tally | undefined;

  private readonly places: PlaceHistory['places'];

  /** @param continued from how many statements on it is kept what they amount to */
  constructor(
    { places, touches, timeline }: PlaceHistory,
    private readonly ruleset: Ruleset,
    private readonly continued = MIN_CONTINUED,
  ) {
    this.places = places;
    this.stated = visible(timeline, {}).map((statement) => interpret(statement, ruleset));
    this.touched = new LastChange(touches);
    for (const statement of timeline) this.touched.add(statement);
    const marked = timeline.filter(({ marks }) => marks.length > 0);
    this.voided = marked.length > 0 ? mentionsOf(marked, [], {}) : [];
  }

  /** The number of statements that it holds. */
  get length(): number {
    return this.stated.length;
  }

  /** Takes a statement that is neither retracted nor voided, and that it does not have yet. */
  add(statement: RecordedStatement): void {
    const { stated } = this;
    const interpretation = interpret(statement, this.ruleset);
    this.touched.add(statement);
    let at = stated.length;
    while (at > 0 && compareStatements(stated[at - 1]!.statement, statement) > 0) at -= 1;
    stated.splice(at, 0, interpretation);
    if (this.tally?.isBefore(statement)) this.tally.add(interpretation);
    else this.tally = undefined;
  }

  fold(): ReturnType<typeof locationState> {
    const { places, ruleset, stated } = this;
    const tally = this.tally ?? new Tally(stated, ruleset);
    this.tally = stated.length < this.continued ? undefined : tally;
    const { course, origins, mentions, reported, namer } = tally;
    const history = course.intervals();
    const derived = {
      ...settled(
        { stated, origins: origins.size, namer },
        tally.candidates(),
        course.stances,
        ruleset,
        !places[0].registered,
      ),
      since: history.at(-1)?.from ?? null,
    };
    const context: PlaceContext = {
      mentions: mentions.length > 0 ? mentions : this.voided,
      reported,
      touched: this.touched.last(),
    };
    return { state: stateOf({ places }, context, ruleset, {}, derived), history };
  }
}

const MIN_PRUNED_LENGTH = 64;

/** What some statements amount to, and the next in the total order with them. */
class Tally {
  readonly course: Course;
  readonly namer: ReturnType<typeof naming>;
  readonly origins = new Set<string>();
  /** The first mention by each name. */
  readonly mentions: Mention[] = [];
  /** The coordinates that the latest statement with coordinates reported. */
  reported: PlaceContext['reported'] = null;
  private readonly names = new Set<string>();
  /** The statements that count, perhaps without some that later ones set aside. */
  private counted: Interpretation[];
  private limit = MIN_PRUNED_LENGTH;

  /** @param stated in the total order; the caller adds the next ones to it too */
  constructor(stated: readonly Interpretation[], ruleset: Ruleset) {
    this.namer = naming(stated, ruleset);
    this.course = new Course(this.namer, ruleset);
    for (const entry of timelineEntries(stated, {})) this.course.add(entry);
    this.counted = counting(stated, {});
    for (const interpretation of stated) this.count(interpretation);
  }

  /** Whether a statement comes after all that these say, and after what they take back. */
  isBefore(statement: RecordedStatement): boolean {
    const { last } = this.course;
    return last === undefined || compareStatements(last, statement) < 0;
  }

  add(interpretation: Interpretation): void {
    for (const entry of timelineEntries([interpretation], {})) this.course.add(entry);
    this.counted.push(interpretation);
    this.count(interpretation);
  }

  candidates(): readonly Interpretation[] {
    if (this.counted.length > this.limit) {
      this.counted = pruneSuperseded(this.counted);
      this.limit = MIN_PRUNED_LENGTH + 2 * this.counted.length;
    }
    return this.counted;
  }

  private count({ origin, statement: { place, reported } }: Interpretation): void {
    this.origins.add(origin);
    if (reported) this.reported = reported;
    if (!place || this.names.has(nameKey(place.name))) return;
    this.names.add(nameKey(place.name));
    this.mentions.push(place);
  }
}
