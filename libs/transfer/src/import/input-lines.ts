import { accept, refuse } from '#libs/domain';
import { type InputLine, readJson } from '#libs/commands';
import { linesOf } from '#libs/platform';

export const MAX_LINE_BYTES = 1024 * 1024;

/** The items of an NDJSON body; a line that is not JSON is a refused item. */
export async function* inputLinesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine> {
  for await (const { number: line, bytes, tooLong } of linesOf(chunks, MAX_LINE_BYTES)) {
    if (tooLong) {
      yield { line, input: refuse('line-malformed', `the line is longer than ${MAX_LINE_BYTES} bytes`) };
      continue;
    }
    const read = readJson(bytes, 'the line');
    yield { line, input: read.ok ? accept(read.json) : refuse('line-malformed', read.fault) };
  }
}
