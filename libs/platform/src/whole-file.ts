import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';

/**
 * Writes a file whole or not at all: under another name beside it, which becomes its own when everything is on the disk.
 * @throws what the pieces throw; then a file of that name is as it was
 */
export async function writeWhole(file: string, pieces: AsyncIterable<string>): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  const handle = await open(draft, 'w');
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    await handle.sync();
    await handle.close();
    await rename(draft, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}

/** Writes to a stream no faster than it is read. @returns false where the reader has gone before the end */
export async function writeThrough(out: Writable, pieces: AsyncIterable<string>): Promise<boolean> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  out.on('error', leave).on('close', leave);
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted) return false;
      if (!out.write(piece)) await once(out, 'drain', { signal: gone.signal });
    }
    return !gone.signal.aborted;
  } catch (error) {
    if (gone.signal.aborted) return false;
    throw error;
  } finally {
    out.off('close', leave);
  }
}
