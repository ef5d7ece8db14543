import { rmSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { checkpointNote, checkpointOrigin, shardNote, shardOrigin, verifierKeyOf } from '#libs/domain';
import { TileWriter, Trees } from '#libs/transparency';
import { failWithFile, readSigningKey, SettingsError, type Settings } from '#libs/platform';
import { withLog } from './with-log.js';

/** `claimline checkpoint export`: an existing file is never overwritten. @param shard of this one alone */
export async function exportCheckpoint(
  { out, shard }: { out?: string; shard?: number },
  settings: Settings,
): Promise<void> {
  const key =
    settings.checkpointKeyFile === undefined ? undefined : readSigningKey(settings.checkpointKeyFile);
  await withLog(settings, {}, async ({ store }) => {
    if (shard !== undefined && !key)
      throw new SettingsError(
        'A setting is wrong:\n  CHECKPOINT_KEY_FILE is needed for a checkpoint of one shard, which is always signed',
      );
    const { pool, id, shards } = store;
    if (shard !== undefined && shard >= shards)
      throw new InvalidArgumentError(`--shard: the shards of this store are 0 to ${shards - 1}`);
    // Without a running service the tiles may be behind.
    await new TileWriter(pool).catchUp();
    const trees = new Trees(pool, id);
    const wanted = shard === undefined ? undefined : [shard];
    const heads = await trees.heads(await trees.sizes(wanted));
    const note =
      shard === undefined
        ? checkpointNote({ storeId: id, time: new Date().toISOString(), heads }, key)
        : shardNote(id, heads[0]!, key!);
    if (out === undefined) process.stdout.write(note);
    else writeNew(out, note);
    const events = heads.reduce((sum, { size }) => sum + size, 0);
    const beyond = [...(await trees.lag(wanted)).values()].reduce((sum, lag) => sum + lag, 0);
    const signed = key
      ? `signed by ${verifierKeyOf(shard === undefined ? checkpointOrigin(id) : shardOrigin(id, shard), key).text}`
      : 'not signed: CHECKPOINT_KEY_FILE names no key';
    process.stderr.write(
      `${events} events${beyond > 0 ? `, and ${beyond} that are not in a tree yet` : ''}; ${signed}\n`,
    );
  });
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    // On a full disk it is there, and empty.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(file, { force: true });
    failWithFile('--out', file, 'written', error);
  }
}
