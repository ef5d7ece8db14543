import { isVoided, originKey, type RecordedStatement } from '../src/events/recorded-statement.js';
import { type Ruleset } from '../src/ruleset.js';
import { type BitemporalPoint } from '../src/state/derive.js';

// A second, literal and slow implementation of the six steps of docs/domain.md, with as little as possible of the code
// under test: every instant is derived from scratch.

interface S {
  said: RecordedStatement;
  order: string;
  speaker: string;
  side: string;
  holder: string;
  facet: string;
  sign: number;
  effect: boolean;
  all: boolean;
}

const hold = (s: S) => ['captured', 'controls'].includes(s.said.predicate);
const loss = (s: S) => ['lost', 'withdrew'].includes(s.said.predicate);

function view(
  timeline: readonly RecordedStatement[],
  ruleset: Ruleset,
  { asOf, knownAt }: BitemporalPoint,
): S[] {
  return timeline
    .filter(
      (statement) =>
        (!asOf || statement.statedAt <= asOf) &&
        (!knownAt || statement.recordedAt <= knownAt) &&
        !isVoided(statement.marks, knownAt),
    )
    .filter(
      (statement) =>
        !statement.retractions.some(
          (r) =>
            (!asOf || r.statedAt <= asOf) &&
            (!knownAt || r.recordedAt <= knownAt) &&
            !isVoided(r.marks, knownAt),
        ),
    )
    .map((statement) => {
      const party = statement.party === undefined ? undefined : ruleset.party(statement.party);
      const self = `independent:${originKey(statement.origin)}`;
      const facet =
        { encircled: 'encirclement', entered: 'presence', fighting: 'fighting' }[
          statement.predicate as string
        ] ?? 'control';
      const lost = statement.predicate === 'lost' || statement.predicate === 'withdrew';
      const all =
        !statement.extent ||
        ('percent' in statement.extent &&
          ['=', '>='].includes(statement.extent.op) &&
          statement.extent.percent === 100);
      return {
        said: statement,
        order: `${statement.statedAt} ${statement.publishedAt} ${statement.statementId}`,
        speaker: party?.key ?? self,
        side: party?.side ?? self,
        holder: facet === 'fighting' ? '' : ruleset.party(statement.actor!).side,
        facet,
        sign: (lost ? -1 : 1) * (statement.stance === 'assert' ? 1 : -1),
        effect: !statement.hint && !(lost && statement.stance === 'assert' && !all),
        all,
      };
    })
    .sort((a, b) => (a.order < b.order ? -1 : 1));
}

/** Steps 2 and 3. */
function stances(effects: readonly S[]) {
  // Step 2
  const conceded = new Map<string, S>();
  for (const s of effects)
    if (s.facet === 'control' && s.holder === s.side && loss(s) && s.said.stance === 'assert')
      if (
        !effects.some(
          (t) =>
            t.facet === 'control' &&
            t.side === s.side &&
            t.holder === s.side &&
            t.sign > 0 &&
            t.order > s.order,
        )
      )
        conceded.set(s.side, s);
  const afterTwo = effects.filter((s) => {
    const moment = conceded.get(s.side);
    const favours =
      s.facet === 'control' && ((s.holder === s.side && s.sign > 0) || (s.holder !== s.side && s.sign < 0));
    return !(moment && favours && s.order < moment.order);
  });
  // Step 3
  const left = afterTwo.filter(
    (s) =>
      !(
        s.facet === 'control' &&
        s.sign > 0 &&
        afterTwo.some(
          (t) =>
            t.speaker === s.speaker &&
            t.order > s.order &&
            t.facet === 'control' &&
            hold(t) &&
            t.said.stance === 'assert' &&
            t.all &&
            t.holder !== s.holder,
        )
      ),
  );
  return { conceded, left, live: left.filter((s) => !left.some((t) => isAfter(t, s))) };
}

/** Whether one says more of the same by the same speaker. */
const isAfter = (t: S, s: S) =>
  t.speaker === s.speaker && t.facet === s.facet && t.holder === s.holder && t.order > s.order;

/** The flag unknownParty: for each holder the events it rests on, the newest first. */
export function referenceUnknown(
  timeline: readonly RecordedStatement[],
  ruleset: Ruleset,
  point: BitemporalPoint,
) {
  const all = view(timeline, ruleset, point);
  const effects = all.filter((s) => s.effect);
  const open = all.filter((s) => !s.effect && !effects.some((t) => isAfter(t, s)));
  const isUnknown = (party: string | undefined) => party !== undefined && !ruleset.party(party).known;
  const evidence: Record<string, string[]> = {};
  for (const { said: statement, holder } of [...stances(effects).live, ...open].sort((a, b) =>
    a.order > b.order ? -1 : 1,
  ))
    if (isUnknown(statement.party) || (statement.predicate !== 'fighting' && isUnknown(statement.actor)))
      (evidence[holder] ??= []).push(statement.eventId);
  return evidence;
}

export function referenceStatus(
  timeline: readonly RecordedStatement[],
  ruleset: Ruleset,
  point: BitemporalPoint,
) {
  const { conceded, left, live } = stances(view(timeline, ruleset, point).filter((s) => s.effect));
  // Step 4
  const holders = [...new Set(left.filter((s) => s.facet === 'control').map((s) => s.holder))];
  const stand = (side: string, holder: string) => {
    const signs = new Set(
      live.filter((s) => s.facet === 'control' && s.side === side && s.holder === holder).map((s) => s.sign),
    );
    return signs.size === 2 ? (side === holder ? 1 : -1) : [...signs][0]!;
  };
  // Step 5
  const standing: Record<string, string> = {};
  for (const holder of holders) {
    const sides = [
      ...new Set(live.filter((s) => s.facet === 'control' && s.holder === holder).map((s) => s.side)),
    ];
    const p = sides.filter((side) => stand(side, holder) > 0);
    const n = sides.filter((side) => stand(side, holder) < 0);
    const adversary = (side: string) =>
      side !== holder && (ruleset.opposes(side as never, holder as never) || holders.includes(side));
    const origins = new Set(
      live
        .filter((s) => s.facet === 'control' && s.holder === holder && s.sign > 0 && p.includes(s.side))
        .map((s) => originKey(s.said.origin)),
    );
    standing[holder] =
      p.length === 0
        ? n.includes(holder)
          ? 'withdrawn'
          : 'denied'
        : n.length > 0
          ? 'disputed'
          : p.some(adversary) || [...conceded.keys()].some(adversary)
            ? 'conceded'
            : p.length >= 2 && origins.size >= 2
              ? 'corroborated'
              : 'claimed';
  }
  // Step 6
  const open = holders.filter((h) => !['withdrawn', 'denied'].includes(standing[h]!));
  const status =
    open.length >= 2 || (open.length === 1 && standing[open[0]!] === 'disputed')
      ? 'contested'
      : open.length === 1
        ? standing[open[0]!]!
        : Object.values(standing).includes('withdrawn')
          ? 'relinquished'
          : Object.values(standing).includes('denied')
            ? 'denied'
            : 'unclaimed';
  return { status, standing, open: open.sort() };
}

/** The state asOf each instant, neighbours with the same status and open holders joined. */
export function referenceHistory(
  timeline: readonly RecordedStatement[],
  ruleset: Ruleset,
  { asOf, knownAt }: BitemporalPoint,
) {
  const instants: { at: string; order: string; eventId: string }[] = [];
  for (const statement of timeline) {
    if (
      (knownAt && statement.recordedAt > knownAt) ||
      isVoided(statement.marks, knownAt) ||
      (asOf && statement.statedAt > asOf)
    )
      continue;
    instants.push({
      at: statement.statedAt,
      order: `${statement.statedAt} ${statement.publishedAt} ${statement.statementId}`,
      eventId: statement.eventId,
    });
    for (const r of statement.retractions)
      if (!(knownAt && r.recordedAt > knownAt) && !isVoided(r.marks, knownAt) && !(asOf && r.statedAt > asOf))
        instants.push({
          at: r.statedAt,
          order: `${r.statedAt} ${r.publishedAt} ${r.retractionId}`,
          eventId: r.eventId,
        });
  }
  instants.sort((a, b) => (a.order < b.order ? -1 : 1));
  const history: { from: string; status: string; open: string[]; eventId: string }[] = [];
  instants.forEach(({ at, eventId }, n) => {
    if (instants[n + 1]?.at === at) return;
    const { status, open } = referenceStatus(timeline, ruleset, { asOf: at, knownAt: knownAt ?? null });
    const last = history.at(-1);
    if (!last || last.status !== status || last.open.join() !== open.join())
      history.push({ from: at, status, open, eventId });
  });
  return history;
}
