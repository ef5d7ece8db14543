import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { withClient } from '../copy.js';
import { CATEGORY, CONNECTIONS, PAGE, type Peer, type PeerEvent } from './peer.js';

/** The folders of its SQL, in the order in which its install.sh runs them by psql. */
const PARTS = 'roles schema extensions tables types functions indexes views privileges'.split(' ');

/**
 * message-db: functions of PostgreSQL, called as its documentation shows it. All streams are of one category, because only
 * within a category it reads over streams; it holds a lock on the category until an event is committed.
 */
export function messageDb(tree: string): Peer {
  const folder = join(
    dirname(createRequire(join(tree, 'package.json')).resolve('@eventide/message-db/package.json')),
    'database',
  );
  return {
    install: (url) =>
      withClient(url, async (client) => {
        for (const part of PARTS)
          for (const file of readdirSync(join(folder, part)).filter((name) => name.endsWith('.sql')))
            await client.query(readFileSync(join(folder, part, file), 'utf8'));
      }),
    async open(url) {
      const pool = new pg.Pool({
        connectionString: url,
        max: CONNECTIONS,
        options: '-c search_path=message_store,public',
      });
      // Its database may be dropped before the last connection has closed.
      pool.on('error', () => {});
      const write = (client: Pick<pg.Pool, 'query'>, { id, stream, type, data, metadata }: PeerEvent) =>
        client.query({
          name: 'write',
          text: 'select write_message($1, $2, $3, $4, $5)',
          values: [id, stream, type, data, metadata],
        });
      return {
        async append(events) {
          if (events.length === 1) return void (await write(pool, events[0]!));
          const client = await pool.connect();
          await client.query('begin');
          for (const event of events) await write(client, event);
          await client.query('commit');
          client.release();
        },
        async read() {
          let events = 0;
          for (let from = 1; ;) {
            const { rows } = await pool.query<{ global_position: string; data: string; metadata: string }>({
              name: 'read',
              text: 'select * from get_category_messages($1, $2, $3)',
              values: [CATEGORY, from, PAGE],
            });
            for (const { data, metadata } of rows) if (JSON.parse(data) && JSON.parse(metadata)) events += 1;
            if (rows.length < PAGE) return events;
            from = Number(rows.at(-1)!.global_position) + 1;
          }
        },
        close: () => pool.end(),
      };
    },
  };
}
