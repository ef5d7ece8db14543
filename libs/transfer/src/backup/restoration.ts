import { contentIdOf, isVoiding, sha256, type Epochs, type NewEvent } from '#libs/domain';
import { inTransaction } from '#libs/platform';
import type pg from 'pg';
import type { ArchivedEvent, ArchivedRuleset } from './archive.js';
import { ArchiveCheck } from './archive-check.js';
import {
  BEGIN_ALONE,
  EventStore,
  beginWithHeads,
  moveHeads,
  openEpochAtHeads,
  readHeads,
  type Head,
  insertEpochs,
  insertEvents,
  insertIds,
  findStore,
  insertStore,
} from '#libs/log';
import { refold, rebuildRegister } from '#libs/places';
import {
  endRestoring,
  insertArchivedQuotes,
  insertRuleset,
  removeEmptyStore,
  writeVoidings,
} from './restore-queries.js';

/** The store that an archive is of. */
export interface ArchivedStore {
  id: string;
  shards: number;
  /** Where the archive ends. */
  heads: { shard: number; position: number; chain: string }[];
  /** Those after the first. */
  epochs?: Epochs | undefined;
}

/** The reason why an archive is refused, or its restore stops. */
export class RestoreRefused extends Error {}

/**
 * Restores an archive into an empty store, event by event as it was: positions, times, chains, ids, quotes. Until the end
 * the store is marked as restoring, and nothing else opens it. Begun again, it compares what is there and resumes after it.
 */
export class Restoration {
  private readonly check: ArchiveCheck;
  private readonly heads: Map<number, Head>;
  private waiting: ArchivedEvent[] = [];
  /** Events written by this run, and events that an earlier run had written. */
  readonly done = { restored: 0, already: 0 };

  private constructor(
    private readonly pool: pg.Pool,
    private readonly store: ArchivedStore,
    heads: readonly Head[],
    /** The store was complete before: the archive is only compared with it. */
    private readonly finished: boolean,
  ) {
    this.check = new ArchiveCheck(store.id, store.shards);
    this.heads = new Map(heads.map((head) => [head.shard, head]));
  }

  /** @throws RestoreRefused where the database has a store of its own */
  static async begin(pool: pg.Pool, store: ArchivedStore): Promise<Restoration> {
    return inTransaction(
      pool,
      async (db) => {
        const found = await findStore(db);
        const events = (await readHeads(db)).reduce((sum, { position }) => sum + position, 0);
        const goesOn = found?.id === store.id && found.shards === store.shards && events > 0;
        if (!goesOn && events > 0)
          throw new RestoreRefused(
            `the database holds store ${found!.id} with ${events} events: restore into an empty one`,
          );
        if (!goesOn) {
          if (found) await removeEmptyStore(db);
          await insertStore(db, { id: store.id, shards: store.shards, restoring: true, fold: 0 });
          if (store.epochs) await insertEpochs(db, store.epochs);
        }
        const heads = await readHeads(db);
        const finished = goesOn && !found.restoring;
        if (finished && store.heads.some(({ shard, position }) => heads[shard]!.position !== position))
          throw new RestoreRefused(
            `the database holds the same store ${store.id}, but does not end where the archive ends: restore into an empty one`,
          );
        return new Restoration(pool, store, heads, finished);
      },
      { begin: BEGIN_ALONE },
    );
  }

  /** Keeps a ruleset. @throws RestoreRefused where its version is kept with other content */
  async ruleset({ version, content, firstUsedAt }: ArchivedRuleset): Promise<void> {
    const digest = sha256(content).toString('hex');
    if ((await insertRuleset(this.pool, { version, content, digest, firstUsedAt })) !== digest)
      throw new RestoreRefused(
        `ruleset ${version} is kept with other content: restore with the ruleset file that was used`,
      );
  }

  /** Verifies the next event of the archive; the next `flush` writes it. @throws RestoreRefused if it does not fit */
  take(event: ArchivedEvent): void {
    const wrong = this.check.mismatch(event);
    if (wrong) throw new RestoreRefused(wrong);
    const head = this.heads.get(event.shard)!;
    if (event.position > head.position) this.waiting.push(event);
    else {
      if (event.position === head.position && event.chain !== head.chain)
        throw new RestoreRefused(`event ${event.shard}:${event.position} differs from the one in the store`);
      this.done.already += 1;
    }
  }

  get unwritten(): number {
    return this.waiting.length;
  }

  /** Writes the events taken since the last `flush`, in one transaction. */
  async flush(): Promise<void> {
    const events = this.waiting;
    if (events.length === 0) return;
    this.waiting = [];
    const moved = await inTransaction(this.pool, (client) => this.write(client, events), { begin: null });
    for (const head of moved) this.heads.set(head.shard, head);
    this.done.restored += events.length;
  }

  /**
   * To be called after the last event: fills the register's tables and opens the store for use.
   * @throws RestoreRefused if the archive ended early
   */
  async finish(): Promise<void> {
    await this.flush();
    for (const { shard, position, chain } of this.store.heads) {
      const reached = this.check.at(shard);
      if (reached.position !== position)
        throw new RestoreRefused(
          `the file ends early: it has ${reached.position} of ${position} events of shard ${shard}`,
        );
      if (reached.chain !== chain)
        throw new RestoreRefused(`shard ${shard} does not end with the chain that the first line names`);
    }
    if (this.finished) return;
    await rebuildRegister(await EventStore.open(this.pool, { shards: this.store.shards, restoring: true }));
    await refold(this.pool);
    // The store may have had more events than the archive, and readers may have seen them.
    await openEpochAtHeads(this.pool, 'the log was restored from an export');
    await endRestoring(this.pool);
  }

  private async write(client: pg.PoolClient, events: readonly ArchivedEvent[]): Promise<Head[]> {
    const shards = [...new Set(events.map(({ shard }) => shard))];
    const { heads } = await beginWithHeads(client, shards);
    for (const { shard, chain } of heads)
      if (chain !== this.heads.get(shard)!.chain)
        throw new RestoreRefused(
          'something else is writing to the store: stop the service while you restore',
        );
    await insertEvents(
      client,
      events,
      events.map(({ traceparent }) => traceparent ?? undefined),
    );
    const parsed = events.map(({ body }) => JSON.parse(body) as NewEvent);
    const kept = events.flatMap(({ contentDigest, eventId, quote }, at) => {
      const id = contentIdOf(parsed[at]!);
      return id === undefined ? [] : [{ id, digest: Buffer.from(contentDigest!, 'hex'), eventId, quote }];
    });
    const known = kept.length === 0 ? 0 : (await insertIds(client, kept)).size;
    if (known > 0)
      throw new RestoreRefused('two events of the archive have the same id of a statement or a retraction');
    await insertArchivedQuotes(
      client,
      kept.flatMap(({ id, quote }) => (quote ? [{ id, ...quote }] : [])),
    );
    await writeVoidings(client, parsed.filter(isVoiding));
    const moved = shards.map((shard): Head => {
      const { position, recordedAt, chain } = events.findLast((event) => event.shard === shard)!;
      return { shard, position, recordedAt, chain };
    });
    await moveHeads(client, moved);
    return moved;
  }
}
