import type { Evidence, State } from '../api/answers.js';
import type { Claim, Statement } from '../api/place-answers.js';
import type { Phrase, PhraseValue } from '../saying/phrase.js';
import { claimPhrase, extentPhrase } from '../saying/said.js';
import { INDEPENDENTS, isIndependent } from '../api/independent.js';
import { openHolders, sidesOf, type SideColumn, type Voice } from './sides.js';

/** The words of a statement that is evidence; undefined where they are not known yet, or too old to be asked for. */
export type Details = (evidence: Evidence) => Pick<Statement, 'claim' | 'stance' | 'origin'> | undefined;

/**
 * The state of a place and its rule as one sentence: "Both sides claim it, since 21 Nov 2025: Russia says it holds it; Ukraine
 * denies having lost it."
 * @param precision how exactly it is known since when
 */
export function statePhrase(
  state: State,
  details: Details,
  nameOf: (side: string) => string,
  precision?: string,
): Phrase {
  const clauses = sidesOf(state, nameOf).flatMap((column) => clausesOf(column, details));
  if (clauses.length === 0) return shortPhrase(state, precision);
  return {
    id: 'state.sides',
    values: { lead: datedPhrase(state, precision), clauses: clauses.reduce(joined) },
  };
}

/** The rule and since when, without what each side says. */
export const shortPhrase = (state: State, precision?: string): Phrase => ({
  id: 'state.end',
  values: { text: datedPhrase(state, precision) },
});

function datedPhrase(state: State, precision?: string): Phrase {
  const lead = leadPhrase(state);
  return state.since === null
    ? lead
    : { id: 'state.since', values: { lead, date: { at: state.since, precision } } };
}

const joined = (before: Phrase, clause: Phrase): Phrase => ({ id: 'state.join', values: { before, clause } });

/** What the rule that fired means for this place; each rule of the status (libs/domain, standing.ts) has its own message. */
export function leadPhrase({ rule, control }: Pick<State, 'rule' | 'control'>): Phrase {
  const open = openHolders(control);
  const others = control.filter((one) => !open.includes(one));
  const [first] = open.length > 0 ? open : others;
  const isOwn = open.every(({ holder, assertedBy }) => assertedBy.some(({ side }) => side === holder));
  const values: Record<string, PhraseValue> = {
    n: open.length,
    holders: (open.length > 0 ? open : others).map(({ holder }) => ({ party: holder })),
    by: concedingOf(first?.holder, first?.concededBy.length ? first.concededBy : (first?.assertedBy ?? [])),
  };
  if (rule === 'contested/two-holders' && isOwn)
    return { id: open.length === 2 ? 'rule.both-claim' : 'rule.several-claim', values };
  return { id: `rule.${rule}`, values };
}

/** Adversaries: of those who speak for a holder, the sides that are not the holder itself. */
function concedingOf(holder: string | undefined, evidence: readonly Evidence[]): PhraseValue {
  const sides = new Set(
    evidence.map(({ side }) => side).filter((side) => side !== holder && !isIndependent(side)),
  );
  return [...sides].toSorted().map((party) => ({ party }));
}

/** The rule of one holder's claim. */
export const standingPhrase = ({ holder, rule }: { holder: string; rule: string }): Phrase => ({
  id: `standing.${rule}`,
  values: { holder: { party: holder } },
});

const MOST_VERBS = 3;

/** What a side says, as a clause for each side; independents that say the same share one. */
function clausesOf({ side, voices }: SideColumn, details: Details): Phrase[] {
  if (side !== INDEPENDENTS) {
    const verbs = voices.flatMap((voice) => verbsOf(voice, side, 1, details));
    return [clause({ party: side }, unsplit(verbs, voices, side))];
  }
  return voices.map((voice) => {
    const origins = new Map(voice.evidence.map((one) => [one.side, details(one)?.origin ?? originOf(one)]));
    const n = origins.size;
    const who: PhraseValue =
      n > MOST_VERBS
        ? { id: 'state.independents', values: { n } }
        : [...origins.values()].map((name) => ({ name }));
    return clause(who, verbsOf(voice, side, n, details));
  });
}

const originOf = ({ speaker, side }: Evidence): string => speaker ?? side.slice(INDEPENDENTS.length);

const clause = (who: PhraseValue, verbs: readonly Phrase[]): Phrase => ({
  id: 'state.clause',
  values: { who, verbs: verbs.slice(0, MOST_VERBS) },
});

/** A side that both claims and denies one holder's control disagrees with itself: one verb for both. */
function unsplit(verbs: readonly Phrase[], voices: readonly Voice[], side: string): readonly Phrase[] {
  const split = voices.find(({ holder, position }) =>
    voices.some((one) => one.holder === holder && one.position === 'against' && position === 'for'),
  );
  if (split === undefined) return verbs;
  const { holder } = split;
  return [{ id: holder === side ? 'verb.split-own' : 'verb.split', values: { holder: { party: holder } } }];
}

/** Weaker words are left out where stronger ones of the same side say the same. */
const STRONGER: Readonly<Record<string, string>> = { captured: 'controls', lost: 'withdrew' };

function verbsOf(
  { holder: of, position, evidence }: Voice,
  side: string,
  n: number,
  details: Details,
): Phrase[] {
  // What concedes a place to another is said of oneself.
  const holder = position === 'concedes' ? side : of;
  const known = evidence.map(details).filter((one) => one !== undefined);
  const kinds = new Map(known.map((one) => [`${one.stance} ${one.claim.predicate}`, one]));
  const said = [...kinds.values()].filter(
    ({ stance, claim: { predicate } }) => !kinds.has(`${stance} ${STRONGER[predicate] ?? ''}`),
  );
  const claim: Claim = { predicate: position === 'concedes' ? 'lost' : 'controls', actor: holder };
  const unknown = { stance: position === 'against' ? 'deny' : 'assert', claim } as const;
  return (said.length > 0 ? said : [unknown]).map(({ stance, claim }): Phrase =>
    holder === side
      ? { id: `verb.own-${stance}.${claim.predicate}`, values: { what: extentPhrase(claim.extent) } }
      : { id: `verb.${stance}`, values: { n, claim: claimPhrase({ ...claim, actor: holder }) } },
  );
}
