import {
  canonicalJson,
  claimEvent,
  parseStatement,
  provisionalId,
  sha256,
  type Statement,
} from '#libs/domain';
import { detailOf } from '#libs/intake';
import { COMMAND, DEAD_LETTER, eventMessage, sourceOf, topicsOf } from '#libs/messaging';

// Made up, places and people.

export interface Example {
  name: string;
  summary: string;
  headers: Record<string, string>;
  payload: unknown;
}

const CAPTURED = '3f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80';
const DENIED = '7d9e4a62-0b3f-4f8a-8c21-5e6d7f809a1b';
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const captured = {
  statementId: CAPTURED,
  stance: 'assert',
  claim: { predicate: 'captured', actor: 'north' },
  location: { name: 'Millbridge', region: 'Lowland', country: 'ZZ' },
  speaker: { name: 'Ada Example', role: 'Chief of staff', party: 'north' },
  via: ['Northern Wire'],
  by: 'worker-7',
  occurredAt: { from: '2025-11-20', precision: 'day' },
  statedAt: '2025-11-20',
  source: {
    outlet: 'example.org',
    url: 'https://example.org/millbridge',
    publishedAt: '2025-11-21T08:00:00Z',
    language: 'en',
    span: { start: 812, end: 849 },
    quote: 'Our troops have taken all of Millbridge',
  },
  grading: { reliability: 'C', credibility: 3 },
  extraction: { method: 'rules', version: '1.0.0', confidence: 0.87 },
};

const denied = {
  statementId: DENIED,
  stance: 'deny',
  claim: { predicate: 'lost', actor: 'south' },
  location: { name: 'Millbridge', region: 'Lowland', country: 'ZZ' },
  speaker: { party: 'south' },
  statedAt: '2025-11-21',
};

export const statements: Example[] = [
  {
    name: 'captured',
    summary: 'With all that a worker may know',
    headers: { traceparent: TRACE },
    payload: captured,
  },
  { name: 'denied', summary: 'With little more than it must have', headers: {}, payload: denied },
];

export const retractions: Example[] = [
  {
    name: 'retracted',
    summary: 'The side that said so takes it back',
    headers: { [COMMAND]: 'retract' },
    payload: {
      statementId: CAPTURED,
      statedAt: '2025-11-23',
      speaker: { name: 'Ada Example', party: 'north' },
      source: { outlet: 'example.org' },
    },
  },
];

export const voids: Example[] = [
  {
    name: 'voided',
    summary: 'The translation was wrong',
    headers: { [COMMAND]: 'void' },
    payload: { statementId: DENIED, by: 'desk', reason: 'the translation was wrong' },
  },
];

export const corrections: Example[] = [
  {
    name: 'corrected',
    summary: 'It was another place',
    headers: { [COMMAND]: 'correct' },
    payload: {
      statementId: DENIED,
      by: 'desk',
      reason: 'it was said of Millbrook',
      statement: {
        ...denied,
        statementId: 'e1c7b0a4-5d2f-4b8a-9c36-0f1e2d3c4b5a',
        location: { name: 'Millbrook', region: 'Lowland', country: 'ZZ' },
      },
    },
  },
];

/** What becomes of the first statement, by the code that makes it so. */
export const events: Example[] = [eventExample()];

function eventExample(): Example {
  const statement = { ...parse(captured), signature: topicsOf().statements };
  const event = claimEvent(
    statement,
    provisionalId('Millbridge', 'ZZ', 'Lowland'),
    '00112233445566778899aabbccddeeff',
  );
  const body = canonicalJson(event);
  const { eventId, type, stream } = event;
  const placed = {
    shard: 3,
    position: 1042,
    recordedAt: '2025-11-21T08:00:04.512Z',
    digest: sha256(body).toString('hex'),
    traceparent: TRACE,
  };
  const { headers } = eventMessage(
    { ...placed, eventId, type, stream, body },
    sourceOf('5b8f1c1e-9f57-4f0e-a1f0-2f8d3c4b5a69'),
  );
  return {
    name: 'captured',
    summary: 'What becomes of the first example of the statements topic',
    headers,
    payload: event,
  };
}

const { speaker: _speaker, ...unspoken } = { ...denied, statementId: '9b2d6c3a-1f4e-4d5b-8e7f-0a1b2c3d4e5f' };

/** A statement that nobody made. */
export const deadLetters: Example[] = [
  {
    name: 'unspoken',
    summary: 'A statement that does not say who spoke',
    headers: {
      [DEAD_LETTER.code]: 'statement-invalid',
      [DEAD_LETTER.detail]: refusalOf(unspoken),
      [DEAD_LETTER.topic]: topicsOf().statements,
      [DEAD_LETTER.partition]: '3',
      [DEAD_LETTER.offset]: '20817',
    },
    payload: JSON.stringify(unspoken),
  },
];

function parse(input: unknown): Statement {
  const parsed = parseStatement(input, '2025-11-24T00:00:00.000Z');
  if (!parsed.ok) throw new Error(`an example is wrong: ${detailOf(parsed.refusal)}`);
  return parsed.value;
}

function refusalOf(input: unknown): string {
  const parsed = parseStatement(input, '2025-11-24T00:00:00.000Z');
  if (parsed.ok) throw new Error('an example that should be refused is fine');
  return detailOf(parsed.refusal);
}
