import { archive } from './archive.js';
import { type EventStore } from '#libs/log';
import { eventLine, headerLine, rulesetLine } from './log-lines.js';
import { type TextChunk, CHUNK_LENGTH } from '../export/text-chunk.js';

/** The log as NDJSON, up to its present heads, with everything that a restore needs. Memory stays flat. */
export async function exportLog(
  store: EventStore,
  clock: () => Date = () => new Date(),
): Promise<{ total: number; pieces: AsyncGenerator<TextChunk> }> {
  const { heads, rulesets, events } = await archive(store);
  async function* pieces(): AsyncGenerator<TextChunk> {
    const { id, shards, epochs } = store;
    yield {
      text: [
        headerLine({ id, shards, heads, epochs }, clock().toISOString()),
        ...rulesets.map(rulesetLine),
        '',
      ].join('\n'),
      rows: 0,
    };
    let [text, rows] = ['', 0];
    for await (const event of events) {
      text += `${eventLine(event)}\n`;
      rows += 1;
      if (text.length < CHUNK_LENGTH) continue;
      yield { text, rows };
      [text, rows] = ['', 0];
    }
    if (rows > 0) yield { text, rows };
  }
  return { total: heads.reduce((sum, { position }) => sum + position, 0), pieces: pieces() };
}
