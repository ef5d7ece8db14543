const NEWLINE = 0x0a;
/** Longer than any header of ours. */
const MAX_HEADER_BYTES = 64 * 1024;

/** The first line of a text, and all of it again. */
export async function peekFirstLine(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ firstLine: string; whole: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < MAX_HEADER_BYTES && !head.includes(NEWLINE)) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* whole() {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  const end = head.indexOf(NEWLINE);
  return { firstLine: head.toString('utf8', 0, end < 0 ? head.length : end), whole: whole() };
}

/** The separator by which a header has most of the columns: programs save with one of their own. */
export function separatorOf(header: string, columns: ReadonlySet<string>): string {
  const found = (separator: string) =>
    header.split(separator).filter((name) => columns.has(name.replaceAll(/["\uFEFF]/g, '').trim())).length;
  return [',', ';', '\t'].toSorted((a, b) => found(b) - found(a))[0]!;
}
