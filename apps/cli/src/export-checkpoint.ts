import { writeFileSync } from 'node:fs';
import { checkpointNote, checkpointOrigin, verifierKeyOf } from '#libs/domain';
import { TileWriter, Trees } from '#libs/event-store';
import { createLogger, readSigningKey, type Settings } from '#libs/platform';
import { openStored } from './open-log.js';

/** `claimline checkpoint export`: a file that is there already is left as it is. */
export async function exportCheckpoint({ out }: { out?: string }, settings: Settings): Promise<void> {
  const key = settings.checkpointKeyFile === undefined ? undefined : readSigningKey(settings.checkpointKeyFile);
  const log = createLogger('warn', 'stderr');
  const opened = await openStored(settings, log);
  try {
    const { pool, id } = opened.store;
    // Where no service runs, nobody else has done it.
    await new TileWriter(pool).catchUp();
    const trees = new Trees(pool, id);
    const checkpoint = await trees.checkpoint(new Date().toISOString());
    const note = checkpointNote(checkpoint, key);
    if (out === undefined) process.stdout.write(note);
    else writeFileSync(out, note, { flag: 'wx' });
    const events = checkpoint.heads.reduce((sum, { size }) => sum + size, 0);
    const beyond = [...(await trees.lag()).values()].reduce((sum, lag) => sum + lag, 0);
    const signed = key ? `signed by ${verifierKeyOf(checkpointOrigin(id), key).text}` : 'not signed: CHECKPOINT_KEY_FILE names no key';
    process.stderr.write(`${events} events${beyond > 0 ? `, and ${beyond} that no tree holds yet` : ''}; ${signed}\n`);
  } finally {
    await opened.close();
  }
}
