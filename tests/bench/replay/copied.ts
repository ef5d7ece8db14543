import { copyOut, EVENT_COLUMNS, withClient } from '../copy.js';
import type { Database } from '../ground.js';

/** COPY TO of the whole log, read and thrown away: what a replay is measured against. @returns events a second */
export function copied({ url }: Database, events: number): Promise<number> {
  return withClient(url, async (client) => {
    const begin = performance.now();
    await copyOut(client, `claimline.events (${EVENT_COLUMNS})`);
    return (events * 1000) / (performance.now() - begin);
  });
}
