import { getOrCreate } from './get-or-create.js';
import { pruneSuperseded } from './prune-superseded.js';
import { before, isUnretracted, isLoss, takesAll, type Interpretation } from './interpretation.js';
import type { SideKey } from '../ruleset.js';

/**
 * The statements of one speaker with effect, oldest first, without those that can no longer matter: one list for control
 * and one for the other facets.
 */
interface Speaker {
  side: SideKey;
  control: Interpretation[];
  other: Interpretation[];
  /** The number of statements on each topic: once all topics are found, looking further back finds nothing. */
  topics: Map<string, number>;
  /** The live statements when they were last brought up to date; undefined before that. */
  live: LiveByTopic | undefined;
  /** Once the lists together reach this length, statements that no longer matter are dropped. */
  limit: number;
}

const MIN_PRUNED_LENGTH = 64;

/** Live statements by topic: for each (facet, holder), the latest of each speaker. */
export type LiveByTopic = Map<string, Interpretation>;

/**
 * The statements with effect of one place at some moment, and those of them that are left after concession (Step 2) and
 * live stance (Step 3). Statements are added in the total order and can be removed again.
 */
export class LiveStances {
  private readonly speakers = new Map<string, Speaker>();
  /** What the parties of a side said about their own side's control, oldest first. */
  private readonly own = new Map<SideKey, Interpretation[]>();
  private readonly stale = new Set<Speaker>();
  private readonly conceding = new Set<SideKey>();

  add(interpretation: Interpretation): void {
    const speaker = this.speakerOf(interpretation, 1);
    listOf(speaker, interpretation).push(interpretation);
    if (speaker.control.length + speaker.other.length >= speaker.limit) prune(speaker);
    if (isOwn(interpretation)) getOrCreate(this.own, interpretation.side, () => []).push(interpretation);
    this.touch(speaker, interpretation);
  }

  remove(interpretation: Interpretation): void {
    const speaker = this.speakerOf(interpretation, -1);
    remove(listOf(speaker, interpretation), interpretation);
    if (isOwn(interpretation)) remove(this.own.get(interpretation.side)!, interpretation);
    this.touch(speaker, interpretation);
  }

  /** The statement by which a side concedes, if it does: its latest loss of its own that no later claim of its own ends (Step 2). */
  concession(side: SideKey): Interpretation | undefined {
    const own = this.own.get(side);
    if (!own) return undefined;
    for (let at = own.length - 1; at >= 0; at--) {
      const interpretation = own[at]!;
      if (interpretation.sign > 0) return undefined;
      if (isLoss(interpretation.statement)) return interpretation;
    }
    return undefined;
  }

  /** The live statements of every speaker. */
  stances(): LiveByTopic[] {
    this.settle();
    const all: LiveByTopic[] = [];
    for (const { live } of this.speakers.values()) all.push(live!);
    return all;
  }

  /** Brings the live statements up to date. @returns whether anything changed that a status can depend on */
  settle(): boolean {
    let moved = false;
    for (const speaker of this.stale) {
      const live = this.liveOf(speaker);
      if (this.moveConcession(speaker.side) || !isSameStand(speaker.live, live)) moved = true;
      speaker.live = live;
    }
    this.stale.clear();
    return moved;
  }

  private liveOf(speaker: Speaker): LiveByTopic {
    const live: LiveByTopic = new Map();
    const { other, topics } = speaker;
    const isFurther = (interpretation: Interpretation): boolean => {
      if (!live.has(interpretation.topic)) live.set(interpretation.topic, interpretation);
      return live.size < topics.size;
    };
    let at = other.length - 1;
    while (at >= 0 && isFurther(other[at]!)) at -= 1;
    if (live.size < topics.size) this.visitLeft(speaker, isFurther);
    return live;
  }

  /** Whether a side has begun or ceased to concede since the last call. */
  private moveConcession(side: SideKey): boolean {
    const concedes = this.concession(side) !== undefined;
    if (concedes === this.conceding.has(side)) return false;
    if (concedes) this.conceding.add(side);
    else this.conceding.delete(side);
    return true;
  }

  /** What is left about control after Step 3: speaker by speaker, each newest first. */
  left(): Interpretation[] {
    const left: Interpretation[] = [];
    for (const speaker of this.speakers.values())
      this.visitLeft(speaker, (interpretation) => left.push(interpretation) > 0);
    return left;
  }

  /** Visits what is left of a speaker, newest first, for as long as the visit asks for more. */
  private visitLeft({ side, control }: Speaker, visit: (interpretation: Interpretation) => boolean): void {
    const conceded = this.concession(side);
    /** The first holder that is said to have all of the place; and whether there are others. */
    let taker: SideKey | null | undefined;
    let hasOthers = false;
    for (let at = control.length - 1; at >= 0; at--) {
      const interpretation = control[at]!;
      if (conceded && favours(interpretation) && before(interpretation, conceded)) continue;
      const { holder } = interpretation;
      const takenBack = interpretation.sign > 0 && taker !== undefined && (hasOthers || taker !== holder);
      if (takesAll(interpretation)) {
        if (taker === undefined) taker = holder;
        else if (taker !== holder) hasOthers = true;
      }
      if (!takenBack && !visit(interpretation)) return;
    }
  }

  private speakerOf(interpretation: Interpretation, change: 1 | -1): Speaker {
    let speaker = this.speakers.get(interpretation.speaker);
    if (!speaker)
      this.speakers.set(
        interpretation.speaker,
        (speaker = {
          side: interpretation.side,
          control: [],
          other: [],
          topics: new Map(),
          live: undefined,
          limit: MIN_PRUNED_LENGTH,
        }),
      );
    const count = (speaker.topics.get(interpretation.topic) ?? 0) + change;
    if (count > 0) speaker.topics.set(interpretation.topic, count);
    else speaker.topics.delete(interpretation.topic);
    return speaker;
  }

  /** A concession affects the statements of every speaker of the side; any other statement only those of its own speaker. */
  private touch(speaker: Speaker, interpretation: Interpretation): void {
    this.stale.add(speaker);
    if (isOwn(interpretation))
      for (const other of this.speakers.values())
        if (other.side === interpretation.side) this.stale.add(other);
  }
}

const listOf = ({ control, other }: Speaker, { facet }: Interpretation): Interpretation[] =>
  facet === 'control' ? control : other;

/** Without it, each statement of a long timeline would be compared with all those before it. */
function prune(speaker: Speaker): void {
  speaker.control = pruneSuperseded(speaker.control, isUnretracted);
  speaker.other = pruneSuperseded(speaker.other, isUnretracted);
  speaker.limit = MIN_PRUNED_LENGTH + 2 * (speaker.control.length + speaker.other.length);
}

/** Whether two sets of live statements of one speaker put every holder's control to the same side, from the same origins. */
function isSameStand(before: LiveByTopic | undefined, now: LiveByTopic): boolean {
  if (!before || before.size !== now.size) return false;
  for (const [topic, { sign, origin }] of now) {
    const old = before.get(topic);
    if (old?.sign !== sign || old.origin !== origin) return false;
  }
  return true;
}

const isOwn = ({ facet, holder, side }: Interpretation) => facet === 'control' && holder === side;

/** In favour of the speaker's own side: for its own control, or against another's. */
const favours = ({ holder, side, sign }: Interpretation) => (holder === side ? sign > 0 : sign < 0);

function remove(list: Interpretation[], interpretation: Interpretation): void {
  const at = list.lastIndexOf(interpretation);
  if (at >= 0) list.splice(at, 1);
}
