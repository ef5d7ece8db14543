import { readFileSync } from 'node:fs';
import { derive, parseRuleset, type RecordedStatement, type Ruleset } from '#libs/domain';
import type { Flag, Holder, State } from '../../src/api/answers.js';
import type { Claim, Statement } from '../../src/api/place-answers.js';
import { type Phrase, wordsOf } from '../../src/saying/phrase.js';
import type { Details } from '../../src/place/sentence.js';
import { messagesOf } from '../all-texts.js';

// States that the rules themselves derive, and the page's words for them.

const ruleset: Ruleset = (() => {
  const parsed = parseRuleset(JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ruleset;
})();

export interface Line {
  party?: string;
  name?: string;
  stance?: 'assert' | 'deny';
  predicate: Claim['predicate'];
  actor?: string;
  extent?: Claim['extent'];
  hint?: boolean;
  at?: string;
}

/** The state after some statements, with the words of each. */
export function spoken(...lines: Line[]): { state: State; details: Details } {
  const timeline = lines.map(
    (
      { party, name, stance = 'assert', predicate, actor, extent, hint, at = '2025-11-20' },
      n,
    ): RecordedStatement => ({
      statementId: `s-${n}`,
      eventId: `e-${n}`,
      shard: 0,
      position: n + 1,
      recordedAt: '2026-01-01T00:00:00.000Z',
      statedAt: `${at}T00:00:00.000Z`,
      publishedAt: `${at}T00:00:00.000Z`,
      stance,
      predicate,
      ...(actor !== undefined && { actor }),
      ...(extent !== undefined && { extent }),
      ...(hint !== undefined && { hint }),
      ...(party !== undefined && { party }),
      ...(name !== undefined && { name }),
      origin: name ?? party ?? 'example.org',
      retractions: [],
      marks: [],
    }),
  );
  const { history: _, control, flags, ...derived } = derive(timeline, ruleset);
  const state = { ...derived, control: control as Holder[], flags: flags as Flag[] } as State;
  const details: Details = ({ statementId }) => {
    const { stance, predicate, actor, extent, origin } = timeline[Number(statementId.slice(2))]!;
    return { stance, origin, claim: { predicate, ...(actor && { actor }), ...(extent && { extent }) } };
  };
  return { state, details };
}

const NAMES: Record<string, string> = { russia: 'Russia', ukraine: 'Ukraine' };
export const nameOf = (id: string): string => NAMES[id] ?? id;

/** The words of a phrase; throws where a message is missing or a value is. */
export function inWords(phrase: Phrase, language = 'en'): string {
  const messages = messagesOf(language);
  const text = (id: string, values: Readonly<Record<string, string | number>>): string | undefined => {
    const message = messages[id];
    if (message === undefined) throw new Error(`${language} has no ${id}`);
    const form =
      typeof message === 'string'
        ? message
        : message[new Intl.PluralRules(language).select(Number(values['n'] ?? 0))];
    return form!.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      if (values[name] === undefined) throw new Error(`${id} has no ${name}`);
      return String(values[name]);
    });
  };
  return wordsOf(phrase, {
    text,
    list: (items) => new Intl.ListFormat(language).format(items),
    party: (id) =>
      (messages[`party.${id}`] as string | undefined) ?? text('party.named', { name: nameOf(id) })!,
    label: (id) => (messages[`party.${id}`] as string | undefined) ?? nameOf(id),
    time: (at) => at.slice(0, 10),
  }).replaceAll(/[\u2068\u2069]/g, '');
}

/** A statement as the API shows it. */
export const shownStatement = (change: Partial<Statement> = {}): Statement => ({
  statementId: '3f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80',
  eventId: '4f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80',
  stance: 'deny',
  locationId: 'gn-703656',
  place: { id: 'gn-703656', name: 'Kupiansk' },
  claim: { predicate: 'lost', actor: 'ukraine', modality: 'actual', certainty: 'plain' },
  location: { name: 'Kupyansk', region: 'Kharkiv', country: 'UA' },
  speaker: { name: 'Ukrainian military', role: null, party: 'ukraine', side: 'ukraine' },
  via: [],
  origin: 'Ukrainian military',
  corrects: null,
  occurredAt: null,
  statedAt: '2025-11-21T00:00:00.000Z',
  statedPrecision: 'day',
  publishedAt: '2025-11-21T00:00:00.000Z',
  publishedPrecision: 'day',
  recordedAt: '2025-11-22T00:00:00.000Z',
  source: null,
  grading: null,
  extraction: null,
  by: null,
  onBehalfOf: null,
  reason: null,
  retracted: null,
  voided: null,
  shard: 0,
  position: 1,
  ...change,
});
