import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import {
  checkpointOrigin,
  isSignedBy,
  parseCheckpoint,
  parseNote,
  parseShardCheckpoint,
  parseVerifierKey,
  shardOrigin,
  verifierKeyOf,
  type Checkpoint,
  type Note,
  type VerifierKey,
} from '#libs/domain';
import { verifyAgainst, type LogFault } from '#libs/transparency';
import { type EventStore } from '#libs/log';
import { readSigningKey, type Settings } from '#libs/platform';
import { shutdownSignal } from '#libs/service';
import { faultLine } from './log-faults.js';
import { progressBar } from './progress-bar.js';
import { withLog } from './with-log.js';

export interface CheckOptions {
  /** The key that must have signed it. */
  key?: string;
  json?: boolean;
}

/** The contents of a checkpoint file; without a time it covers one shard. */
type Stated = Omit<Checkpoint, 'time'> & Partial<Checkpoint>;

/** `claimline checkpoint check`: checks that the log still begins with the events of a checkpoint. */
export async function checkCheckpoint(
  file: string,
  { key, json = false }: CheckOptions,
  settings: Settings,
): Promise<boolean> {
  const { note, checkpoint } = readCheckpoint(file);
  const verifier = verifierOf(key, checkpoint, settings);
  const signal = shutdownSignal();
  const bar = progressBar('check', 'events');
  return withLog(settings, { signal }, async ({ store }) => {
    if (!verifier)
      process.stderr.write('its signature is not checked: there is no --key and no CHECKPOINT_KEY_FILE\n');
    const mismatch = mismatchOf(checkpoint, note, verifier, store);
    const { events, faults } =
      mismatch === undefined
        ? await verifyAgainst(store, checkpoint, {
            signal,
            onProgress: (done, total) => bar.update(done, total),
          })
        : { events: 0, faults: [mismatch] };
    bar.end();
    const { storeId, time, heads } = checkpoint;
    const then =
      time === undefined ? `of the checkpoint of shard ${heads[0]!.shard}` : `that it had at ${time}`;
    const scope = time === undefined ? { shard: heads[0]!.shard } : { time };
    const signature = verifier ? 'checked' : 'not checked';
    const verdict =
      faults.length === 0
        ? `the log begins with the ${events} events ${then}, unchanged`
        : time === undefined
          ? `the log does not have the events ${then}`
          : `the log is not what it was at ${time}`;
    if (await isBehind(store, checkpoint))
      process.stderr.write(
        'the log has fewer events than the checkpoint states: it has gone back. If no epoch says so yet (`claimline epoch list`), ' +
          'stop the service and run `claimline epoch new` (docs/operations.md)\n',
      );
    process.stdout.write(
      json
        ? `${JSON.stringify({ storeId, ...scope, signature, events, faults })}\n`
        : `${[...faults.map(faultLine), verdict].join('\n')}\n`,
    );
    return faults.length === 0;
  }).finally(() => bar.end());
}

/** Whether the log ends before a checkpoint of it. */
async function isBehind(store: EventStore, { storeId, heads }: Stated): Promise<boolean> {
  const positions = new Map((await store.heads()).map(({ shard, position }) => [shard, position]));
  return storeId === store.id && heads.some(({ shard, size }) => size > (positions.get(shard) ?? 0));
}

function readCheckpoint(file: string): { note: Note; checkpoint: Stated } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError(`<file> ${file} cannot be read: ${(error as Error).message}`);
  }
  const note = parseNote(text);
  const checkpoint = note && (parseCheckpoint(note.text) ?? parseShardCheckpoint(note.text));
  if (!note || !checkpoint) throw new InvalidArgumentError(`${file} holds no checkpoint`);
  return { note, checkpoint };
}

function verifierOf(
  given: string | undefined,
  { storeId, time, heads }: Stated,
  { checkpointKeyFile }: Settings,
): VerifierKey | undefined {
  if (given === undefined)
    return checkpointKeyFile === undefined
      ? undefined
      : verifierKeyOf(
          time === undefined ? shardOrigin(storeId, heads[0]!.shard) : checkpointOrigin(storeId),
          readSigningKey(checkpointKeyFile),
        );
  const verifier = parseVerifierKey(given);
  if (verifier) return verifier;
  throw new InvalidArgumentError(
    '--key must be name+id+key, as `checkpoint export` and GET /v1/checkpoint name it',
  );
}

/** Why the checkpoint does not apply to this log, so that the log need not be read. */
function mismatchOf(
  { storeId, time, heads }: Stated,
  note: Note,
  verifier: VerifierKey | undefined,
  store: EventStore,
): LogFault | undefined {
  const whole = (what: string): LogFault => ({ shard: null, position: null, what });
  if (verifier && !isSignedBy(note, verifier))
    return whole(`the checkpoint is not signed with the key ${verifier.text}`);
  if (storeId !== store.id)
    return whole(`the checkpoint is of store ${storeId}, but this is store ${store.id}`);
  if (time === undefined && heads[0]!.shard >= store.shards)
    return whole(`the checkpoint is of shard ${heads[0]!.shard}, but this store has ${store.shards} shards`);
  if (time !== undefined && heads.length !== store.shards)
    return whole(`the checkpoint is of ${heads.length} shards, but this store has ${store.shards}`);
  return undefined;
}
