import { writeFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { checkpointNote, checkpointOrigin, shardNote, shardOrigin, verifierKeyOf } from '#libs/domain';
import { TileWriter, Trees } from '#libs/event-store';
import { createLogger, readSigningKey, SettingsError, type Settings } from '#libs/platform';
import { openStored } from './open-log.js';

/** `claimline checkpoint export`: a file that is there already is left as it is. @param shard of this one alone */
export async function exportCheckpoint(
  { out, shard }: { out?: string; shard?: number },
  settings: Settings,
): Promise<void> {
  const key =
    settings.checkpointKeyFile === undefined ? undefined : readSigningKey(settings.checkpointKeyFile);
  const log = createLogger('warn', 'stderr');
  const opened = await openStored(settings, log);
  try {
    if (shard !== undefined && !key)
      throw new SettingsError(
        'A setting is wrong:\n  CHECKPOINT_KEY_FILE is needed for a checkpoint of one shard, which is always signed',
      );
    const { pool, id, shards } = opened.store;
    if (shard !== undefined && shard >= shards)
      throw new InvalidArgumentError(`--shard: the shards of this store are 0 to ${shards - 1}`);
    // Where no service runs, nobody else has done it.
    await new TileWriter(pool).catchUp();
    const trees = new Trees(pool, id);
    const wanted = shard === undefined ? undefined : [shard];
    const heads = await trees.heads(await trees.sizes(wanted));
    const note =
      shard === undefined
        ? checkpointNote({ storeId: id, time: new Date().toISOString(), heads }, key)
        : shardNote(id, heads[0]!, key!);
    if (out === undefined) process.stdout.write(note);
    else writeFileSync(out, note, { flag: 'wx' });
    const events = heads.reduce((sum, { size }) => sum + size, 0);
    const beyond = [...(await trees.lag(wanted)).values()].reduce((sum, lag) => sum + lag, 0);
    const signed = key
      ? `signed by ${verifierKeyOf(shard === undefined ? checkpointOrigin(id) : shardOrigin(id, shard), key).text}`
      : 'not signed: CHECKPOINT_KEY_FILE names no key';
    process.stderr.write(
      `${events} events${beyond > 0 ? `, and ${beyond} that no tree holds yet` : ''}; ${signed}\n`,
    );
  } finally {
    await opened.close();
  }
}
