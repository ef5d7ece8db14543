import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger, Settings } from '#libs/platform';
import { z } from 'zod';
import type { Observation } from './reconcile.js';

/** What the first 1,024 shards, with all their links, fill. */
const MAX_BYTES = 8 * 1024 * 1024;

const count = z.int().min(0);
const content = z.object({
  storeId: z.string(),
  seen: z.array(z.object({ epoch: count, shard: count, position: count, chain: z.string().optional() })),
});

/**
 * What processes have seen of the log, in a file beside the database: where the files of the database are put back while nobody runs,
 * it shows at the next start what they lack. It is not put back with them only if it lies elsewhere. Without it, or where it cannot be
 * read or written, everything else goes on.
 */
export class SeenFile {
  private written = '';
  private failed = false;

  constructor(
    private readonly file: string,
    private readonly storeId: string,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** SEEN_FILE; of an embedded database, a file beside its folder. Undefined where there is neither. */
  static of(
    { seenFile, databaseUrl, dataDir }: Settings,
    storeId: string,
    log: Pick<Logger, 'warn'>,
  ): SeenFile | undefined {
    const file = seenFile ?? (databaseUrl === undefined ? join(dataDir, 'seen.json') : undefined);
    return file === undefined ? undefined : new SeenFile(file, storeId, log);
  }

  /** Empty where there is no file, or none of this store. */
  read(): Observation[] {
    try {
      const text = readFileSync(this.file);
      if (text.length > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
      const { storeId, seen } = content.parse(JSON.parse(text.toString()));
      if (storeId === this.storeId) return seen;
      this.log.warn(
        { file: this.file, storeId },
        'SEEN_FILE is about another store: give each store a file of its own',
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.log.warn(
          { err: error, file: this.file },
          'what was seen of the log cannot be read: it is not compared',
        );
    }
    return [];
  }

  /** Replaces what the file holds, where that differs. */
  write(seen: readonly Observation[]): void {
    const text = `${JSON.stringify({ storeId: this.storeId, seen })}\n`;
    if (text === this.written) return;
    const draft = `${this.file}.${process.pid}.new`;
    try {
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, this.file);
      this.written = text;
      this.failed = false;
    } catch (error) {
      rmSync(draft, { force: true });
      if (!this.failed)
        this.log.warn(
          { err: error, file: this.file },
          'what was seen of the log cannot be kept; it is tried again',
        );
      this.failed = true;
    }
  }
}
