import type { Epochs, Token } from '#libs/domain';
import type pg from 'pg';
import { readHeadsOfEpoch, type Head } from '../rows/heads.js';
import { readEpochs, readPresentEpoch } from './epoch-rows.js';
import { differs, reconcile, type Observation } from './reconcile.js';
import { SeenLog, type SeenHead } from './seen-log.js';

const LOST_EPOCH = 'the log lacks an epoch that it was in: it has gone back';
const WENT_BACK = 'the log lacks events that were seen in it: it has gone back';

/** What this process knows of the log's epochs, and whether the log is still the one that it has seen. */
export class Lineage {
  private readonly seen = new SeenLog();
  private readonly listeners: ((epochs: Epochs) => void)[] = [];

  private constructor(
    private readonly pool: pg.Pool,
    private known: Epochs,
  ) {}

  static async of(pool: pg.Pool): Promise<Lineage> {
    return new Lineage(pool, await readEpochs(pool));
  }

  /** The epochs of the log, as this process knows them. */
  get epochs(): Epochs {
    return this.known;
  }

  /** The epochs of the log as it is now. */
  async present(): Promise<Epochs> {
    await this.learn(await readPresentEpoch(this.pool));
    return this.known;
  }

  /** Calls a listener with the epochs, whenever this process learns of another one. */
  onEpoch(listener: (epochs: Epochs) => void): void {
    this.listeners.push(listener);
  }

  /** Whether the log is known, without a query, to have reached a token. */
  has(token: Token): boolean {
    const { positions } = this.seen;
    return (
      [...token].every(([shard, position]) => position <= (positions.get(shard) ?? -1)) &&
      this.known.goOn(token) === undefined
    );
  }

  /** The heads of all shards, by shard. */
  async heads(): Promise<Head[]> {
    const before = this.before();
    const { heads, epoch } = await readHeadsOfEpoch(this.pool);
    await this.learn(epoch);
    // What came late is of a log that may not be there any more.
    if (epoch === this.known.present) await this.see(heads, before);
    return heads;
  }

  /** What was seen until now: to be compared with what is read later. */
  before(): Token {
    return new Map(this.seen.positions);
  }

  /** Notes heads that were read after the log had been seen `before`: if they are behind that, the log has gone back. */
  async see(heads: readonly SeenHead[], before: Token): Promise<void> {
    if (heads.some(({ shard, position }) => position < this.stillSeen(shard, before)))
      await this.witness(this.seen.observations(this.known.present));
    this.seen.see(heads);
  }

  /**
   * Looks whether the log is still the one that was seen, and whether the database is on the same line of history. Opens an epoch if
   * not, so that readers learn of it.
   */
  async confirm(): Promise<void> {
    await this.pool.query('select claimline.check_line()');
    await this.heads();
    const { present } = this.known;
    await this.witness(this.seen.unconfirmed(present), this.seen.observations(present));
    this.seen.confirmed();
  }

  /**
   * Compares the log with events that were seen in it. If it lacks some, and no epoch says so, an epoch is opened.
   * @param all what decides where the epoch begins (default: the same)
   * @param common positions up to which the log is known to be what it was, where nothing else shows it
   */
  async witness(
    observations: readonly Observation[],
    all: readonly Observation[] = observations,
    common: Token = new Map(),
  ): Promise<void> {
    await this.present();
    if (!(await differs(this.pool, observations, this.known))) return;
    await reconcile(this.pool, all, common, WENT_BACK);
    await this.present();
  }

  /** What this process has seen of the log. */
  get observations(): Observation[] {
    return this.seen.observations(this.known.present);
  }

  /** Compares the log with what others have seen of it before, as `confirm` does, and remembers what of it is there. */
  async recall(observations: readonly Observation[]): Promise<void> {
    if (observations.length === 0) return;
    await this.pool.query('select claimline.check_line()');
    await this.witness(observations);
    this.seen.see(
      observations.filter(({ epoch, shard, position }) => position <= this.known.cut(epoch, shard)),
    );
  }

  /** @param present the number of the present epoch */
  async learn(present: number): Promise<void> {
    const before = this.known;
    if (present === before.present) return;
    let epochs = await readEpochs(this.pool);
    if (!epochs.knows(before.present)) {
      await reconcile(this.pool, this.seen.observations(before.present), new Map(), LOST_EPOCH);
      epochs = await readEpochs(this.pool);
    }
    if (this.known !== before || epochs.present === before.present) return;
    this.known = epochs;
    this.seen.forget(epochs, before.present);
    for (const listener of this.listeners) listener(epochs);
  }

  private stillSeen(shard: number, before: Token): number {
    return Math.min(before.get(shard) ?? 0, this.seen.positions.get(shard) ?? 0);
  }
}
