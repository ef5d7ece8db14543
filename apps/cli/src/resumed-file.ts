import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tokenIn, type Token } from '#libs/domain';
import { linesOf } from '#libs/platform';

const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;

/**
 * How far a file of an interrupted replay reaches; a line that was cut off is removed. Undefined where there is no file.
 * @throws where a line is not an event; then the file is unchanged
 */
export async function reachedIn(file: string): Promise<Token | undefined> {
  const handle = await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!handle) return undefined;
  try {
    const foreign = (line: number) =>
      new Error(`${file}, line ${line}: not an event, so the file cannot be resumed`);
    const reached = new Map<number, number>();
    const epochs = new Map<number, number>();
    const { size } = await handle.stat();
    const whole = await wholeLines(handle, size);
    if (size > 0 && whole === 0) throw foreign(1);
    if (whole > 0)
      for await (const { number, bytes } of linesOf(
        createReadStream(file, { end: whole - 1 }),
        MAX_LINE_BYTES,
      )) {
        const event = eventIn(bytes);
        if (!event) throw foreign(number);
        reached.set(event.shard, event.position);
        if (event.epoch !== undefined) epochs.set(event.shard, event.epoch);
      }
    await handle.truncate(whole);
    return tokenIn(reached, epochs);
  } finally {
    await handle.close();
  }
}

/** The length of the complete lines, in bytes. */
async function wholeLines(handle: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let end = size; end > 0; end -= BLOCK_BYTES) {
    const from = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await handle.read(block, 0, end - from, from);
    const at = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) return from + at + 1;
  }
  return 0;
}

function eventIn(bytes: Uint8Array): { shard: number; position: number; epoch?: number } | undefined {
  try {
    const { shard, position, epoch } = JSON.parse(Buffer.from(bytes).toString()) as {
      shard: unknown;
      position: unknown;
      epoch?: number;
    };
    return Number.isSafeInteger(shard) && Number.isSafeInteger(position)
      ? {
          shard: shard as number,
          position: position as number,
          ...(Number.isSafeInteger(epoch) && { epoch }),
        }
      : undefined;
  } catch {
    return undefined;
  }
}
