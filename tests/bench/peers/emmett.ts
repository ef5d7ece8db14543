import { createRequire } from 'node:module';
import { join } from 'node:path';
import type pg from 'pg';
import { CONNECTIONS, PAGE, type OpenPeer, type Peer } from './peer.js';

/** What we use of @event-driven-io/emmett-postgresql, which is not among the packages of this project. */
interface EmmettPackage {
  getPostgreSQLEventStore: (
    url: string,
    options?: { connectionOptions?: { dumbo: Dumbo }; schema?: { autoMigration: 'None' } },
  ) => {
    schema: { migrate(): Promise<unknown> };
    appendToStream(
      stream: string,
      events: { type: string; data: object; metadata: object }[],
    ): Promise<unknown>;
    close(): Promise<void>;
  };
  readMessagesBatch: (
    execute: Dumbo['execute'],
    options: { after: bigint; batchSize: number },
  ) => Promise<{ messages: unknown[]; currentGlobalPosition: bigint }>;
}
interface Dumbo {
  execute: object;
}
interface DumboPackage {
  dumbo: (options: { connectionString: string; pool: pg.Pool }) => Dumbo;
}

/** ExpectedVersionConflictError has this code. */
const CONFLICT = 412;

/**
 * Emmett's store, as its documentation shows it: many events to one stream in one call. Where another caller was faster on the
 * same stream it throws even if no version is expected, and the caller tries again, as Emmett's command handler does. It reads
 * with the query of its consumers, without their pauses of 50 ms and their checkpoints.
 */
export function emmett(tree: string): Peer {
  const load = createRequire(join(tree, 'package.json'));
  const { getPostgreSQLEventStore, readMessagesBatch } = load(
    '@event-driven-io/emmett-postgresql',
  ) as EmmettPackage;
  const { dumbo } = load('@event-driven-io/dumbo') as DumboPackage;
  const { Pool } = load('pg') as typeof pg;
  return {
    async install(url) {
      const store = getPostgreSQLEventStore(url);
      await store.schema.migrate();
      await store.close();
    },
    async open(url): Promise<OpenPeer> {
      const pool = new Pool({ connectionString: url, max: CONNECTIONS });
      // Its database may be dropped before the last connection has closed.
      pool.on('error', () => {});
      const opened = dumbo({ connectionString: url, pool });
      const store = getPostgreSQLEventStore(url, {
        connectionOptions: { dumbo: opened },
        schema: { autoMigration: 'None' },
      });
      return {
        async append(events) {
          for (;;)
            try {
              await store.appendToStream(events[0]!.stream, [...events]);
              return;
            } catch (error) {
              if ((error as { errorCode?: number }).errorCode !== CONFLICT) throw error;
            }
        },
        async read() {
          let events = 0;
          for (let after = 0n; ;) {
            const { messages, currentGlobalPosition } = await readMessagesBatch(opened.execute, {
              after,
              batchSize: PAGE,
            });
            events += messages.length;
            if (messages.length < PAGE) return events;
            after = currentGlobalPosition;
          }
        },
        close: () => pool.end(),
      };
    },
  };
}
