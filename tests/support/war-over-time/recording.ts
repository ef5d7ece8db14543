import {
  parseBody,
  placeSchema,
  type Instant,
  type LocationId,
  type Result,
  type Ruleset,
} from '#libs/domain';
import { EventStore } from '#libs/log';
import {
  type CommandExecutor,
  RecordStatements,
  RetractStatement,
  SetStatementVoided,
  ChangePlace,
} from '#libs/commands';
import { Register } from '#libs/places';
import type pg from 'pg';
import { HOUR_MS, type Happening } from './happening.js';
import { commandsOn } from '../commands.js';

/** What is recorded within it has one recordedAt: a transaction has one. */
const TOGETHER = HOUR_MS;
const BATCH = 1000;

export interface Recorded {
  events: number;
  refused: number;
}

/**
 * Records a war into an empty store as if each thing had come when it did: recordedAt is that of the war.
 * @throws where the store has events already: their time cannot go back
 */
export async function recordOverTime(
  pool: pg.Pool,
  shards: number,
  happenings: readonly Happening[],
  ruleset: Ruleset,
  onProgress: (done: number) => void = () => {},
): Promise<Recorded> {
  let now: Instant = '';
  const clock = () => now;
  const store = await EventStore.open(pool, { shards, clock });
  if ((await store.heads()).some(({ position }) => position > 0))
    throw new Error('the log is not empty: a month of its own needs an empty one');
  const register = new Register(store);
  const commands = commandsOn(store, ruleset, clock);
  const recorded: Recorded = { events: 0, refused: 0 };
  const count = (outcomes: readonly Result<unknown>[]) => {
    for (const { ok } of outcomes) recorded[ok ? 'events' : 'refused'] += 1;
  };
  for (let at = 0; at < happenings.length;) {
    const batch = together(happenings, at);
    now = new Date(batch.at(-1)!.at).toISOString();
    count(await record(batch, { commands, register }));
    onProgress((at += batch.length));
  }
  return recorded;
}

/** From there on what is of the same kind and comes at about the same time; of commands each alone. */
function together(happenings: readonly Happening[], from: number): Happening[] {
  const first = happenings[from]!;
  if (first.kind !== 'place' && first.kind !== 'statement') return [first];
  let to = from + 1;
  while (
    to < happenings.length &&
    to - from < BATCH &&
    happenings[to]!.kind === first.kind &&
    happenings[to]!.at - first.at < TOGETHER
  )
    to++;
  return happenings.slice(from, to);
}

async function record(
  batch: readonly Happening[],
  { commands, register }: { commands: CommandExecutor; register: Register },
): Promise<Result<unknown>[]> {
  const [first] = batch as [Happening];
  switch (first.kind) {
    case 'place': {
      const places = batch.flatMap((one) => (one.kind === 'place' ? [one.place] : []));
      await register.reconcile(places.map((place) => placeOf(place)));
      return places.map(() => ({ ok: true, value: undefined }));
    }
    case 'statement':
      return commands.execute(
        new RecordStatements(batch.flatMap((one) => (one.kind === 'statement' ? [one.statement] : []))),
      );
    case 'retraction':
      return [await commands.execute(new RetractStatement(first.statementId, first.body))];
    case 'void':
    case 'reinstatement':
      return [
        await commands.execute(new SetStatementVoided(first.statementId, first.kind === 'void', first.body)),
      ];
    case 'merge':
      return [
        await commands.execute(
          new ChangePlace({
            kind: 'merge',
            id: first.id as LocationId,
            into: first.into as LocationId,
            by: first.by,
          }),
        ),
      ];
    case 'unmerge':
      return [
        await commands.execute(
          new ChangePlace({ kind: 'unmerge', id: first.id as LocationId, by: first.by }),
        ),
      ];
  }
}

function placeOf(input: object) {
  const parsed = parseBody(placeSchema, input);
  if (!parsed.ok) throw new Error(parsed.refusal.detail);
  const { id, by: _by, reason: _reason, ...facts } = parsed.value;
  return { id: id!, ...facts };
}
