import { formatToken } from '#libs/domain';
import { confirmEpochs, openEpochAtHeads, readEpochs } from '#libs/log';
import type { Settings } from '#libs/platform';
import { withLog } from './with-log.js';

interface Output {
  json?: boolean;
}

/** `claimline epoch list`: the epochs of the log, oldest first. */
export async function listEpochs({ json = false }: Output, settings: Settings): Promise<void> {
  const { all } = await withLog(settings, {}, async ({ store }) => store.epochs);
  const shown = all.map(({ forks, ...epoch }) => ({ ...epoch, forks: formatToken(forks) }));
  const lines = json
    ? shown.map((epoch) => JSON.stringify(epoch))
    : [
        ...(shown.length === 0 ? ['the log has never gone back: it is in its first epoch'] : []),
        ...shown.map(
          ({ epoch, openedAt, reason, forks, confirmedAt }) =>
            `epoch ${epoch} since ${openedAt}: ${reason}\n  begins after ${forks}\n  ` +
            (confirmedAt === null ? 'not confirmed for the events topic' : `confirmed at ${confirmedAt}`),
        ),
      ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** `claimline epoch new`: opens an epoch at the present heads. */
export async function newEpoch(
  { reason, json = false }: Output & { reason: string },
  settings: Settings,
): Promise<void> {
  await withLog(settings, { opening: 'update' }, async ({ store }) => {
    const epoch = await openEpochAtHeads(store.pool, reason);
    const forks = formatToken((await readEpochs(store.pool)).all.at(-1)!.forks);
    process.stdout.write(
      json ? `${JSON.stringify({ epoch, forks })}\n` : `epoch ${epoch} has begun after ${forks}\n`,
    );
  });
}

/** `claimline epoch confirm`: lets the relay go on where the events topic holds events that the log has lost. */
export async function confirmEpoch({ json = false }: Output, settings: Settings): Promise<void> {
  await withLog(settings, {}, async ({ store }) => {
    const confirmed = await confirmEpochs(store.pool);
    process.stdout.write(
      json
        ? `${JSON.stringify({ confirmed })}\n`
        : `${confirmed} ${confirmed === 1 ? 'epoch' : 'epochs'} confirmed: the relay goes on\n`,
    );
  });
}
