// A process of its own that appends parts of the war to a log, one after the other. Arguments: the database, how many places, the parts.
import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { partOfWar, SHARDS } from '../statements.js';

const BATCH = 1000;

const [url, places, ...parts] = process.argv.slice(2) as [string, string, ...string[]];
const pool = createPool(url, { max: 2 });
const store = await EventStore.open(pool, { shards: SHARDS });
for (const part of parts) {
  const candidates = partOfWar(Number(part), Number(places));
  for (let at = 0; at < candidates.length; at += BATCH) await store.append(candidates.slice(at, at + BATCH));
}
await pool.end();
console.log('{}');
