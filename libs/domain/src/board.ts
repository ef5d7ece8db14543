import { entry } from './entry.js';
import { lasting } from './lasting.js';
import { before, isFirm, isLoss, takesAll, type Reading } from './reading.js';
import type { SideKey } from './ruleset.js';

/**
 * The statements of one speaker with effect, oldest first, without those that can no longer matter: one list for control
 * and one for the other facets.
 */
interface Speaker {
  side: SideKey;
  control: Reading[];
  other: Reading[];
  /** The number of statements on each topic: once all topics are found, looking further back finds nothing. */
  topics: Map<string, number>;
  /** Once the lists together reach this length, statements that no longer matter are dropped. */
  limit: number;
}

const LONG = 64;

/** Live statements by topic: for each (facet, holder), the latest of each speaker. */
export type Live = Map<string, Reading>;

/**
 * The statements with effect of one place at some moment, and those of them that are left after concession (Step 2) and
 * live stance (Step 3). Statements are added in the total order and can be removed again.
 */
export class Board {
  private readonly speakers = new Map<string, Speaker>();
  /** What the parties of a side said about their own side's control, oldest first. */
  private readonly own = new Map<SideKey, Reading[]>();
  private readonly live = new Map<string, Live>();
  private readonly stale = new Set<string>();
  private readonly conceding = new Set<SideKey>();

  say(reading: Reading): void {
    const speaker = this.speakerOf(reading, 1);
    listOf(speaker, reading).push(reading);
    if (speaker.control.length + speaker.other.length >= speaker.limit) shorten(speaker);
    if (isOwn(reading)) entry(this.own, reading.side, () => []).push(reading);
    this.touch(reading);
  }

  unsay(reading: Reading): void {
    remove(listOf(this.speakerOf(reading, -1), reading), reading);
    if (isOwn(reading)) remove(this.own.get(reading.side)!, reading);
    this.touch(reading);
  }

  /** The statement by which a side concedes, if it does: its latest loss of its own that no later claim of its own ends (Step 2). */
  concession(side: SideKey): Reading | undefined {
    const own = this.own.get(side) ?? [];
    for (let at = own.length - 1; at >= 0; at--) {
      const reading = own[at]!;
      if (reading.sign > 0) return undefined;
      if (isLoss(reading.said)) return reading;
    }
    return undefined;
  }

  /** The live statements of every speaker. */
  stances(): Iterable<Live> {
    this.settle();
    return this.live.values();
  }

  /** Brings the live statements up to date. @returns whether anything changed that a status can depend on */
  settle(): boolean {
    let moved = false;
    for (const key of this.stale) {
      const speaker = this.speakers.get(key)!;
      const live = this.liveOf(speaker);
      if (this.moveConcession(speaker.side) || !isSameStand(this.live.get(key), live)) moved = true;
      this.live.set(key, live);
    }
    this.stale.clear();
    return moved;
  }

  private liveOf(speaker: Speaker): Live {
    const live: Live = new Map();
    for (const latest of [newestFirst(speaker.other), this.leftOf(speaker)])
      for (const reading of latest) {
        if (live.size === speaker.topics.size) break;
        if (!live.has(reading.topic)) live.set(reading.topic, reading);
      }
    return live;
  }

  /** Whether a side has begun to concede, or ceased to, since it was last looked at. */
  private moveConcession(side: SideKey): boolean {
    const concedes = this.concession(side) !== undefined;
    if (concedes === this.conceding.has(side)) return false;
    if (concedes) this.conceding.add(side);
    else this.conceding.delete(side);
    return true;
  }

  /** What is left about control after Step 3: speaker by speaker, each newest first. */
  left(): Reading[] {
    return [...this.speakers.values()].flatMap((speaker) => [...this.leftOf(speaker)]);
  }

  private *leftOf({ side, control }: Speaker): Iterable<Reading> {
    const conceded = this.concession(side);
    const takers = new Set<SideKey | null>();
    for (let at = control.length - 1; at >= 0; at--) {
      const reading = control[at]!;
      if (conceded && favours(reading) && before(reading, conceded)) continue;
      const takenBack = reading.sign > 0 && takers.size > (takers.has(reading.holder) ? 1 : 0);
      if (takesAll(reading)) takers.add(reading.holder);
      if (!takenBack) yield reading;
    }
  }

  private speakerOf(reading: Reading, change: 1 | -1): Speaker {
    const speaker = entry(this.speakers, reading.speaker, () => ({
      side: reading.side,
      control: [],
      other: [],
      topics: new Map(),
      limit: LONG,
    }));
    const count = (speaker.topics.get(reading.topic) ?? 0) + change;
    if (count > 0) speaker.topics.set(reading.topic, count);
    else speaker.topics.delete(reading.topic);
    return speaker;
  }

  /** A concession affects the statements of every speaker of the side; any other statement only those of its own speaker. */
  private touch(reading: Reading): void {
    this.stale.add(reading.speaker);
    if (isOwn(reading))
      for (const [key, speaker] of this.speakers) if (speaker.side === reading.side) this.stale.add(key);
  }
}

const listOf = ({ control, other }: Speaker, { facet }: Reading): Reading[] =>
  facet === 'control' ? control : other;

/** Without it, each statement of a long timeline would be compared with all those before it. */
function shorten(speaker: Speaker): void {
  speaker.control = lasting(speaker.control, isFirm);
  speaker.other = lasting(speaker.other, isFirm);
  speaker.limit = LONG + 2 * (speaker.control.length + speaker.other.length);
}

/** Whether two sets of live statements of one speaker put every holder's control to the same side, from the same origins. */
function isSameStand(before: Live | undefined, now: Live): boolean {
  if (!before || before.size !== now.size) return false;
  for (const [topic, { sign, origin }] of now) {
    const old = before.get(topic);
    if (old?.sign !== sign || old.origin !== origin) return false;
  }
  return true;
}

function* newestFirst<T>(list: readonly T[]): Iterable<T> {
  for (let at = list.length - 1; at >= 0; at--) yield list[at]!;
}

const isOwn = ({ facet, holder, side }: Reading) => facet === 'control' && holder === side;

/** In favour of the speaker's own side: for its own control, or against another's. */
const favours = ({ holder, side, sign }: Reading) => (holder === side ? sign > 0 : sign < 0);

function remove(list: Reading[], reading: Reading): void {
  const at = list.lastIndexOf(reading);
  if (at >= 0) list.splice(at, 1);
}
