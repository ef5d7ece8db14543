import { describe, expect, it } from '@jest/globals';
import type { QueryExecutor } from '#libs/queries';
import { exportTimelines } from '#libs/transfer';
import type { Statement } from '../../src/api/place-answers.js';
import { csvHead, csvRow } from '../../src/place/tools/csv.js';
import { shownStatement } from '../saying/spoken.js';

/** What the service's own export writes of some statements. */
async function exported(items: readonly Statement[]): Promise<string> {
  const queries = {
    execute: async () => ({ json: '{}', items, nextCursor: null }),
  } as unknown as QueryExecutor;
  let text = '';
  for await (const chunk of exportTimelines(queries, { id: 'gn-703656' }, {}, { format: 'csv' }))
    text += typeof chunk === 'string' ? chunk : chunk.text;
  return text;
}

describe('the CSV of a timeline', () => {
  it('is that of the service, with the address of each statement', async () => {
    const page = 'https://claimline.example/statements/1';
    const speaker = {
      name: '=cmd|1',
      role: '"chief", he said',
      party: 'russia',
      givenParty: 'ВС РФ',
      side: 'russia',
    };
    const items = [
      shownStatement(),
      shownStatement({
        stance: 'assert',
        claim: {
          predicate: 'controls',
          actor: 'russia',
          givenActor: 'Россия',
          extent: { op: '>', percent: 80 },
          target: '-1',
          modality: 'actual',
          certainty: 'plain',
        },
        location: {
          code: { scheme: 'geonames', value: '1' },
          within: 'x',
          coordinates: [37.6, 49.7],
          name: 'K',
        },
        speaker,
        via: ['TASS; a', 'RIA'],
        corrects: '5f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80',
        occurredAt: { from: '2025-11-20T00:00:00.000Z', to: '2025-11-21T00:00:00.000Z', precision: 'day' },
        source: {
          outlet: 'example.org',
          url: 'https://example.org/a',
          language: 'uk',
          documentSha256: 'ab',
          span: { start: 1, end: 2 },
          quote: 'one,\n+two',
        },
        grading: { reliability: 'B', credibility: 2 },
        extraction: { method: 'rules', version: '1.0.0', confidence: 0.87 },
        by: 'worker',
        onBehalfOf: 'desk',
        reason: 'mended',
        retracted: {
          retractionId: 'r',
          eventId: 'e',
          statedAt: '2025-11-23T00:00:00.000Z',
          recordedAt: '2025-11-23T00:00:00.000Z',
          speaker,
          source: null,
          by: null,
          onBehalfOf: null,
          reason: null,
        },
        voided: {
          eventId: 'e',
          recordedAt: '2025-11-23T00:00:00.000Z',
          by: null,
          onBehalfOf: null,
          reason: '@wrong',
          replacedBy: '6f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80',
        },
      }),
      shownStatement({
        location: { id: 'gn-703656' },
        claim: {
          predicate: 'lost',
          actor: 'ukraine',
          extent: { part: 'north' },
          modality: 'intended',
          certainty: 'hedged',
        },
        source: { quote: null, quoteErased: true },
      }),
    ];
    const rows = (await exported(items)).split('\r\n').slice(0, -1);
    const own = [csvHead, ...items.map((item) => csvRow(item, page))].join('').split('\r\n').slice(0, -1);
    expect(own).toEqual(rows.map((row, n) => `${row},"${n === 0 ? 'pageUrl' : page}"`));
  });
});
