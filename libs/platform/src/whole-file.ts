import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

export interface WholeFileOptions {
  /** The mode (default: that of the process), also for a file that replaces another. */
  mode?: number;
  /** Whether an existing file may be replaced (default: any). */
  mayReplace?: (file: string) => Promise<boolean>;
}

/** There is a file of that name, and it may not be replaced. */
export class FileInTheWay extends Error {}

/** @throws FileInTheWay where there is a file that may not be replaced */
export async function requireReplaceable(
  file: string,
  mayReplace: WholeFileOptions['mayReplace'],
): Promise<void> {
  if (mayReplace && (await stat(file).catch(() => undefined)) && !(await mayReplace(file)))
    throw new FileInTheWay(`${file} is there already`);
}

/**
 * Writes a file completely or not at all: under another name beside it, and renames it when everything is on the disk.
 * Pipes and devices are written directly.
 * @throws errors of the pieces, FileInTheWay; an existing file is then unchanged
 */
export async function writeWhole(
  file: string,
  pieces: AsyncIterable<string | Uint8Array>,
  { mode = 0o666, mayReplace }: WholeFileOptions = {},
): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there && !there.isFile()) {
    const out = createWriteStream(file);
    if (!(await writeThrough(out, pieces))) throw out.errored ?? new Error(`${file}: nobody reads it`);
    return finished(out.end());
  }
  // A link stays a link to the new file.
  const whole = there ? await realpath(file) : file;
  const check = () => requireReplaceable(file, mayReplace);
  await check();
  const draft = join(dirname(whole), `.${basename(whole)}.${process.pid}.part`);
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', mode);
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    await handle.sync();
    await handle.close();
    // A file may have appeared meanwhile.
    await check();
    await rename(draft, whole);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Writes to a stream no faster than it is read.
 * @param signal ends it, also while nobody reads
 * @returns false where the reader has gone before the end
 * @throws errors of the pieces; the signal's reason
 */
export async function writeThrough(
  out: Writable,
  pieces: AsyncIterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<boolean> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  out.on('error', leave).on('close', leave);
  const ended = signal ? AbortSignal.any([gone.signal, signal]) : gone.signal;
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted) return false;
      if (!out.write(piece)) await once(out, 'drain', { signal: ended });
    }
    return !gone.signal.aborted;
  } catch (error) {
    signal?.throwIfAborted();
    if (gone.signal.aborted) return false;
    throw error;
  } finally {
    out.off('close', leave);
  }
}
