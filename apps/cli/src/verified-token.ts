import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { formatToken, parseToken, type Token } from '#libs/domain';
import { failWithFile } from '#libs/platform';

const SAVE_INTERVAL_MS = 1000;

/** The token up to which a log was verified, kept in a file across processes: `storeId token`. */
export class VerifiedToken {
  token: Token | undefined;
  private kept = Date.now();

  /** @throws where the file is of another store, or does not hold a token */
  constructor(
    private readonly file: string,
    private readonly storeId: string,
  ) {
    const text = read(file);
    if (text === undefined) return;
    const [id, token, ...rest] = text.trim().split(' ');
    this.token = token === undefined || rest.length > 0 ? undefined : parseToken(token);
    if (!this.token) throw new Error(`${file} does not hold the token up to which a log was verified`);
    if (id !== storeId) throw new Error(`${file} is about store ${id}; this is ${storeId}`);
  }

  /** Keeps a token, at most once a second. */
  now(token: Token): void {
    this.token = token;
    if (Date.now() - this.kept >= SAVE_INTERVAL_MS) this.keep();
  }

  /** Keeps the last token. */
  keep(): void {
    if (!this.token) return;
    this.kept = Date.now();
    const draft = `${this.file}.new`;
    try {
      writeFileSync(draft, `${this.storeId} ${formatToken(this.token)}\n`);
      renameSync(draft, this.file);
    } catch (error) {
      rmSync(draft, { force: true });
      failWithFile('--remember', this.file, 'written', error);
    }
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
