import { createReadStream, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseStatement } from '#libs/domain';
import { csvLines, parseMapping } from '#libs/transfer';

const MAPPING = 'examples/foreign-csv/mapping.yaml';
const NOW = '2025-11-22T00:00:00.000Z';

const idOf = (input: unknown) => {
  const parsed = parseStatement(input, NOW);
  return parsed.ok ? parsed.value.id : parsed.refusal;
};

test('the CSV of the example, by its mapping, is the sample of Kupiansk: each row has the id of its statement', async () => {
  const ids: unknown[] = [];
  for await (const { input } of csvLines(
    createReadStream('examples/foreign-csv/reports.csv'),
    parseMapping(MAPPING, readFileSync(MAPPING, 'utf8')),
  ))
    ids.push(input.ok ? idOf(input.value) : input.refusal);
  const sample = readFileSync('examples/kupiansk-2025-11/statements.ndjson', 'utf8').trimEnd().split('\n');
  expect(ids).toEqual(sample.map((line) => idOf(JSON.parse(line))));
});
