import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { DeadLetters, Executor, type DeadLetter, type Origin } from '#libs/intake';
import { createCommands } from '#libs/commands';
import { jobBroker } from '#libs/jobs';
import { SettingsError, type Settings } from '#libs/platform';
import { shutdownSignal, unlessStopped } from '#libs/service';
import {
  idOf,
  outcomeOf,
  formatSummary,
  formatLine,
  formatResult,
  formatWhole,
} from './dead-letter-format.js';
import { commandLineUser } from './os-user.js';
import { progressBar } from './progress-bar.js';
import { withReadModels } from './with-read-models.js';

interface Opened {
  letters: DeadLetters;
  /** The topic of ids that name none. */
  statements: string;
  signal: AbortSignal;
}

/** `claimline dead-letters list`. */
export function listDeadLetters(
  { all, filter, json, limit }: { all?: boolean; filter?: string; json?: boolean; limit: number },
  settings: Settings,
): Promise<void> {
  return withDeadLetters(settings, async ({ letters, statements, signal }) => {
    let shown = 0;
    for await (const letter of letters.list({ all: all ?? false, text: filter })) {
      signal.throwIfAborted();
      if (shown === limit) {
        process.stderr.write(`more than ${limit}: --limit shows more\n`);
        break;
      }
      shown += 1;
      process.stdout.write(
        `${json ? JSON.stringify(formatSummary(letter, statements)) : formatLine(letter, statements)}\n`,
      );
    }
    if (shown === 0 && !json) process.stdout.write('no dead letters\n');
  });
}

/** `claimline dead-letters show`. `value`: only the message's own bytes. @returns whether the dead letter exists */
export function showDeadLetter(
  id: string,
  { value, json }: { value?: boolean; json?: boolean },
  settings: Settings,
): Promise<boolean> {
  return withDeadLetters(settings, async ({ letters, statements }) => {
    const letter = await letters.find(originOf(id, statements));
    if (!letter) return missing(id);
    if (value) process.stdout.write(letter.value ?? '');
    else process.stdout.write(`${JSON.stringify(formatWhole(letter, statements), null, json ? 0 : 2)}\n`);
    return true;
  });
}

/** `claimline dead-letters retry`: those named, or all that are open and match. @returns whether all of them are recorded now */
export function retryDeadLetters(
  ids: readonly string[],
  { filter, with: file, by, json }: { filter?: string; with?: string; by?: string; json?: boolean },
  settings: Settings,
): Promise<boolean> {
  if (file !== undefined && ids.length !== 1)
    throw new InvalidArgumentError('--with replaces the message of one dead letter: name its id');
  const mended = file === undefined ? undefined : contentOf(file);
  return withDeadLetters(settings, async ({ letters, statements, signal }) => {
    const bar = progressBar('retry', 'dead letters');
    let [recorded, refused] = [0, 0];
    try {
      for await (const letter of named(letters, ids, filter, statements)) {
        signal.throwIfAborted();
        const result = await letters.retry(letter, { mended, by, signature: commandLineUser(), signal });
        if ('receipt' in result) recorded += 1;
        else refused += 1;
        bar.say(
          json
            ? JSON.stringify({ id: idOf(letter, statements), ...outcomeOf(result) })
            : `${idOf(letter, statements)} ${formatResult(result)}`,
        );
        bar.update(recorded + refused);
      }
    } finally {
      bar.end();
    }
    process.stdout.write(
      json
        ? `${JSON.stringify({ recorded, refused })}\n`
        : `${recorded} recorded, ${refused} refused again\n`,
    );
    return refused === 0;
  });
}

/** `claimline dead-letters discard`: those named, or all that are open and match. */
export function discardDeadLetters(
  ids: readonly string[],
  { filter, by, json }: { filter?: string; by?: string; json?: boolean },
  settings: Settings,
): Promise<void> {
  if (ids.length === 0 && filter === undefined)
    throw new InvalidArgumentError('name the dead letters to discard, or --filter them');
  return withDeadLetters(settings, async ({ letters, statements, signal }) => {
    let discarded = 0;
    for await (const letter of named(letters, ids, filter, statements)) {
      signal.throwIfAborted();
      await letters.discard(letter, { by, signature: commandLineUser() });
      discarded += 1;
    }
    process.stdout.write(
      json ? `${JSON.stringify({ discarded })}\n` : `${discarded} discarded; the topic keeps them\n`,
    );
  });
}

function withDeadLetters<T>(settings: Settings, use: (opened: Opened) => Promise<T>): Promise<T> {
  const signal = shutdownSignal();
  return withReadModels(settings, { level: 'error', signal }, async ({ store, register, rulesets, log }) => {
    const broker = jobBroker(settings, log);
    if (!broker) throw new SettingsError('A setting is wrong:\n  KAFKA_BROKERS is needed for dead letters');
    const { kafka, topics } = broker;
    const onError = (error: unknown) =>
      void process.stderr.write(`waiting to try again: ${(error as Error).message}\n`);
    const executor = new Executor({ commands: createCommands({ store, register, rulesets }), onError });
    const onRefused = (letter: Origin, { message }: Error) =>
      void process.stderr.write(
        `the database cannot keep ${idOf(letter, topics.statements)} (${message}): its topic has it\n`,
      );
    const letters = new DeadLetters(
      store,
      kafka,
      topics.deadLetters,
      executor,
      onRefused,
      settings.kafka?.producersTrusted,
    );
    await unlessStopped(letters.collect(signal), signal);
    return await use({ letters, statements: topics.statements, signal });
  });
}

async function* named(
  letters: DeadLetters,
  ids: readonly string[],
  filter: string | undefined,
  statements: string,
): AsyncGenerator<DeadLetter> {
  if (ids.length === 0) yield* letters.list({ text: filter });
  for (const id of ids) {
    const letter = await letters.find(originOf(id, statements));
    if (letter) yield letter;
    else throw new Error(`there is no dead letter ${id}`);
  }
}

const ID = /^(?:(.+):)?(-?\d{1,9}):(\d{1,18})$/;

/** `partition:offset`, or with another topic `topic:partition:offset`. */
function originOf(id: string, statements: string): Origin {
  const match = ID.exec(id);
  if (!match)
    throw new InvalidArgumentError(
      `"${id}" is not the id of a dead letter: partition:offset, as \`dead-letters list\` shows it`,
    );
  return { topic: match[1] ?? statements, partition: Number(match[2]), offset: match[3]! };
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InvalidArgumentError(`--with ${file} cannot be read: ${(error as Error).message}`);
  }
}

function missing(id: string): false {
  process.stderr.write(`there is no dead letter ${id}\n`);
  return false;
}
