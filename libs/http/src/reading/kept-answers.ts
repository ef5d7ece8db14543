import { type ModelsVersion, SingleFlight } from '#libs/queries';

/** An answer about all places, and the version of the read models that it was made from. */
export interface KeptAnswer {
  version: ModelsVersion;
  body: Buffer;
}

interface Entry {
  kept: KeptAnswer | undefined;
  making: SingleFlight<KeptAnswer>;
}

/** The answers kept, in bytes; packed they take about a third more. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
const MAX_KEPT = 500;
/** The answers made at once. */
const MAX_MAKING = 2;

/**
 * Answers that take long to make and that many ask for, until the read models move on: each is made once for all who ask
 * meanwhile. The least recently asked for are dropped.
 */
export class KeptAnswers {
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;
  private making = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly mostBytes = MAX_KEPT_BYTES) {}

  /**
   * The answer to a question, of this version of the read models or a later one.
   * @param make makes it anew
   */
  async of(question: string, key: string, make: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    const entry = this.entries.get(question) ?? this.entryOf(question, make);
    // The last asked for is the last to be dropped.
    this.entries.delete(question);
    this.entries.set(question, entry);
    return entry.kept?.version.key === key ? entry.kept : entry.making.run();
  }

  private entryOf(question: string, make: () => Promise<KeptAnswer>): Entry {
    const entry: Entry = {
      kept: undefined,
      making: new SingleFlight(async () => {
        try {
          const made = await this.inTurn(make);
          this.keep(question, entry, made);
          return made;
        } finally {
          // One that is refused is not kept.
          if (!entry.kept && this.entries.get(question) === entry) this.entries.delete(question);
        }
      }),
    };
    return entry;
  }

  private keep(question: string, entry: Entry, made: KeptAnswer): void {
    if (this.entries.get(question) !== entry) return;
    this.bytes += made.body.length - (entry.kept?.body.length ?? 0);
    entry.kept = made;
    for (const [oldest, { kept }] of this.entries) {
      if (this.bytes <= this.mostBytes && this.entries.size <= MAX_KEPT) break;
      this.entries.delete(oldest);
      this.bytes -= kept?.body.length ?? 0;
    }
  }

  private async inTurn<T>(make: () => Promise<T>): Promise<T> {
    if (this.making >= MAX_MAKING) await new Promise<void>((next) => this.waiting.push(next));
    else this.making += 1;
    try {
      return await make();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.making -= 1;
    }
  }
}
