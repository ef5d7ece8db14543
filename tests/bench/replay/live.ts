import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../copy.js';
import type { Database, Ground } from '../ground.js';
import { end, service } from '../served.js';

const LOOK_MS = 50;

/** A projector, as a process of its own, builds new read models. @returns events a second, from its first projected event on */
export async function projectedLive(ground: Ground, database: Database): Promise<number> {
  return withClient(database.url, async (client) => {
    const { rows } = await client.query<{ head: string }>(
      'select sum(position) as head from claimline.heads',
    );
    const head = Number(rows[0]!.head);
    const serving = await service(ground, database, ['projector']);
    const projected = async () =>
      Number(
        (await client.query<{ sum: string }>('select sum(position) from read_models.checkpoint')).rows[0]!
          .sum,
      );
    const [from, begin] = [await projected(), performance.now()];
    while ((await projected()) < head) await sleep(LOOK_MS);
    const rate = ((head - from) * 1000) / (performance.now() - begin);
    await end(serving);
    return rate;
  });
}
