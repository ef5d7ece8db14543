import { describe, expect, it } from '@jest/globals';
import {
  accept,
  claimEvent,
  decideRetraction,
  parseRetraction,
  partyUnknown,
  quoteDigest,
  unknownParties,
  type Result,
  type NewEvent,
} from '#libs/domain';
import { NEW, refused } from './given.js';
import { NOW, PLACE, ruleset, statement, type Line } from './story.js';

const SALT = 'salt';

/** A statement is recorded, then its retraction comes. */
function decide(given: Partial<Line>, when: object): Result<NewEvent<'claim.retracted'>> {
  const claim = claimEvent(
    statement({ predicate: 'captured', actor: 'russia', statedAt: '2025-11-20', id: ID, ...given }),
    PLACE,
    SALT,
  );
  const retraction = parseRetraction(claim.statementId!, { statedAt: '2025-11-22', ...when }, NOW);
  return retraction.ok ? decideRetraction(retraction.value, claim, ruleset, NEW, SALT) : retraction;
}

const ID = '00000000-0000-4000-8000-000000000001';
const RETRACTION = '00000000-0000-4000-8000-000000000002';

describe('a retraction', () => {
  it('is an event on the statement, with who said it and why; of its quote only the digest', () => {
    expect(
      decide(
        { party: 'russia' },
        {
          retractionId: RETRACTION,
          speaker: { party: 'russia', role: 'spokesman' },
          statedAt: '2025-11-22T10:00:00+02:00',
          source: { outlet: 'example.org', publishedAt: '2025-11-23', quote: 'We were wrong.' },
          by: 'worker-7',
          reason: 'said on air',
        },
      ),
    ).toEqual(
      accept({
        eventId: NEW,
        type: 'claim.retracted',
        schemaVersion: 1,
        stream: PLACE,
        statementId: ID,
        data: {
          retractionId: RETRACTION,
          speaker: { party: 'russia', role: 'spokesman' },
          statedAt: '2025-11-22T08:00:00.000Z',
          statedPrecision: 'time',
          publishedAt: '2025-11-23T00:00:00.000Z',
          publishedPrecision: 'day',
          source: { outlet: 'example.org', quoteDigest: quoteDigest(SALT, 'We were wrong.') },
          reason: 'said on air',
        },
        by: 'worker-7',
      }),
    );
  });

  it('that comes without an id gets one from its content, not from who sends it', () => {
    const idOf = (when: object) => {
      const decided = decide({ party: 'russia' }, { speaker: { party: 'russia' }, ...when });
      return decided.ok && decided.value.data.retractionId;
    };
    const id = idOf({});
    expect(id).not.toBe(false);
    expect(idOf({ by: 'another worker', reason: 'again' })).toBe(id);
    expect(idOf({ statedAt: '2025-11-23' })).not.toBe(id);
  });
});

const retracted = accept(expect.objectContaining({ type: 'claim.retracted' }));
const foreign = refused('retraction-foreign', '/speaker');

it.each<[rule: string, given: Partial<Line>, when: object, then: object]>([
  ['a party: its own', { party: 'russia' }, { speaker: { party: 'russia' } }, retracted],
  ['a party of the same side', { party: 'dnr' }, { speaker: { party: 'russia' } }, retracted],
  ['a party by another of its names', { party: 'dnr' }, { speaker: { party: 'Россия' } }, retracted],
  [
    'another spokesman',
    { party: 'russia', name: 'A' },
    { speaker: { party: 'russia', name: 'B' } },
    retracted,
  ],
  ['a party of another side', { party: 'russia' }, { speaker: { party: 'ukraine' } }, foreign],
  [
    'a party that the ruleset lacks: a side of its own',
    { party: 'Rusia' },
    { speaker: { party: 'RUSIA' } },
    retracted,
  ],
  ['another such party', { party: 'Rusia' }, { speaker: { party: 'Russland' } }, foreign],
  ['an independent: its own', { name: 'Monitor' }, { speaker: { name: ' MONITOR ' } }, retracted],
  [
    'an independent by its outlet',
    { outlet: 'example.org' },
    { source: { outlet: 'Example.org' } },
    retracted,
  ],
  ['another independent', { name: 'Monitor' }, { speaker: { name: 'Observer' } }, foreign],
  ['nobody', { name: 'Monitor' }, {}, refused('retraction-invalid', '/speaker')],
  ['an independent with the name of a party', { party: 'russia' }, { speaker: { name: 'russia' } }, foreign],
  ['a party with the name of an independent', { name: 'russia' }, { speaker: { party: 'russia' } }, foreign],
  [
    'a side, at no time',
    { party: 'russia' },
    { statedAt: undefined, speaker: { side: 'russia' } },
    refused('retraction-invalid', '/speaker/side', '/statedAt', '/speaker'),
  ],
  [
    'a party, more than a day ahead of the clock',
    { party: 'russia' },
    { speaker: { party: 'russia' }, statedAt: '2026-01-03' },
    refused('retraction-invalid', '/statedAt'),
  ],
])('a retraction by %s', (_rule, given, when, then) => expect(decide(given, when)).toEqual(then));

const captured = (actor: string) =>
  ({ predicate: 'captured', actor, modality: 'actual', certainty: 'plain' }) as const;

it.each<[given: Parameters<typeof unknownParties>[0], pointers: string[]]>([
  [{ speaker: { party: 'Rusia' } }, ['/speaker/party']],
  [{ speaker: { party: 'dnr' }, claim: captured('Rusia') }, ['/claim/actor']],
  [{ speaker: { party: 'Rusia' }, claim: captured('Ukrane') }, ['/speaker/party', '/claim/actor']],
])('a caller that accepts only known parties is told those that are not: %j', (given, pointers) => {
  const unknown = unknownParties(given, ruleset);
  expect(unknown.map(({ pointer }) => pointer)).toEqual(pointers);
  expect(partyUnknown(unknown, ruleset)).toEqual(refused('party-unknown', ...pointers));
});

it('a speaker without a party is no unknown one, whatever the name', () => {
  expect(unknownParties({ speaker: { name: 'Rusia' } }, ruleset)).toEqual([]);
});
