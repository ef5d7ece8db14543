import { accept, refuse } from '#libs/domain';
import type { Item } from '#libs/event-store';
import { linesOf } from '#libs/platform';
import { readJson } from './read-json.js';

export const LINE_BYTES = 1024 * 1024;

/** The items of an NDJSON body; a line that is not JSON is a refused item. */
export async function* itemsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Item> {
  for await (const { number: line, bytes, tooLong } of linesOf(chunks, LINE_BYTES)) {
    if (tooLong) {
      yield { line, input: refuse('line-malformed', `the line is longer than ${LINE_BYTES} bytes`) };
      continue;
    }
    const read = readJson(bytes, 'the line');
    yield { line, input: read.ok ? accept(read.json) : refuse('line-malformed', read.fault) };
  }
}
