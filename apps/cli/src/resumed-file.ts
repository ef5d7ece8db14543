import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Token } from '#libs/domain';
import { linesOf, type Line } from '#libs/platform';

const LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * How far a file has come that a replay was writing, whatever ended it: a line that it was about to write is taken off.
 * Undefined where there is no file.
 * @throws where a line is no event; then the file is as it was
 */
export async function reachedIn(file: string): Promise<Token | undefined> {
  const handle = await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!handle) return undefined;
  try {
    const reached = new Map<number, number>();
    const note = ({ number, bytes }: Line) => {
      const event = eventIn(bytes);
      if (!event) throw new Error(`${file}, line ${number}: not an event, so this is no file to go on with`);
      reached.set(event.shard, event.position);
    };
    let last: Line | undefined;
    for await (const line of linesOf(createReadStream(file), LINE_BYTES)) {
      if (last) note(last);
      last = line;
    }
    const { size } = await handle.stat();
    const isWhole = size === 0 || (await handle.read(new Uint8Array(1), 0, 1, size - 1)).buffer[0] === NEWLINE;
    if (!isWhole) await handle.truncate(size - last!.bytes.length);
    else if (last) note(last);
    return reached;
  } finally {
    await handle.close();
  }
}

function eventIn(bytes: Uint8Array): { shard: number; position: number } | undefined {
  try {
    const { shard, position } = JSON.parse(Buffer.from(bytes).toString()) as { shard: unknown; position: unknown };
    return Number.isSafeInteger(shard) && Number.isSafeInteger(position) ? { shard: shard as number, position: position as number } : undefined;
  } catch {
    return undefined;
  }
}
