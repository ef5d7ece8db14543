import { isVoided, originKey, type Ruleset, type Said, type Vantage } from '#libs/domain';

// A second, literal and slow implementation of the six steps of docs/domain.md, with as little as possible of the code
// under test: every instant is derived from scratch.

interface S {
  said: Said;
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

function view(timeline: readonly Said[], ruleset: Ruleset, { asOf, knownAt }: Vantage): S[] {
  return timeline
    .filter(
      (said) =>
        (!asOf || said.statedAt <= asOf) &&
        (!knownAt || said.recordedAt <= knownAt) &&
        !isVoided(said.marks, knownAt),
    )
    .filter(
      (said) =>
        !said.retractions.some(
          (r) =>
            (!asOf || r.statedAt <= asOf) &&
            (!knownAt || r.recordedAt <= knownAt) &&
            !isVoided(r.marks, knownAt),
        ),
    )
    .map((said) => {
      const party = said.party === undefined ? undefined : ruleset.party(said.party);
      const self = `independent:${originKey(said.origin)}`;
      const facet =
        { encircled: 'encirclement', entered: 'presence', fighting: 'fighting' }[said.predicate as string] ??
        'control';
      const lost = said.predicate === 'lost' || said.predicate === 'withdrew';
      const all =
        !said.extent ||
        ('percent' in said.extent && ['=', '>='].includes(said.extent.op) && said.extent.percent === 100);
      return {
        said,
        order: `${said.statedAt} ${said.publishedAt} ${said.statementId}`,
        speaker: party?.key ?? self,
        side: party?.side ?? self,
        holder: facet === 'fighting' ? '' : ruleset.party(said.actor!).side,
        facet,
        sign: (lost ? -1 : 1) * (said.stance === 'assert' ? 1 : -1),
        effect: !said.hint && !(lost && said.stance === 'assert' && !all),
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
export function referenceUnknown(timeline: readonly Said[], ruleset: Ruleset, vantage: Vantage) {
  const all = view(timeline, ruleset, vantage);
  const effects = all.filter((s) => s.effect);
  const open = all.filter((s) => !s.effect && !effects.some((t) => isAfter(t, s)));
  const isUnknown = (party: string | undefined) => party !== undefined && !ruleset.party(party).known;
  const evidence: Record<string, string[]> = {};
  for (const { said, holder } of [...stances(effects).live, ...open].sort((a, b) =>
    a.order > b.order ? -1 : 1,
  ))
    if (isUnknown(said.party) || (said.predicate !== 'fighting' && isUnknown(said.actor)))
      (evidence[holder] ??= []).push(said.eventId);
  return evidence;
}

export function referenceStatus(timeline: readonly Said[], ruleset: Ruleset, vantage: Vantage) {
  const { conceded, left, live } = stances(view(timeline, ruleset, vantage).filter((s) => s.effect));
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
export function referenceHistory(timeline: readonly Said[], ruleset: Ruleset, { asOf, knownAt }: Vantage) {
  const instants: { at: string; order: string; eventId: string }[] = [];
  for (const said of timeline) {
    if (
      (knownAt && said.recordedAt > knownAt) ||
      isVoided(said.marks, knownAt) ||
      (asOf && said.statedAt > asOf)
    )
      continue;
    instants.push({
      at: said.statedAt,
      order: `${said.statedAt} ${said.publishedAt} ${said.statementId}`,
      eventId: said.eventId,
    });
    for (const r of said.retractions)
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
