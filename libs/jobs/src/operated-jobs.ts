import { randomUUID } from 'node:crypto';
import { performOperation, type EventStore } from '#libs/log';
import type { CancelledJob, Jobs } from './jobs.js';
import type { Job } from './job.js';

/** The fields of specs that are told of a run in the event of its start. */
type Told = { rulesetVersion?: string; compare?: boolean; topic?: string };

/** Creates a run, as `Jobs.create`; where the caller is known, with the event that says who started it. */
export async function startJob(
  jobs: Jobs,
  store: EventStore,
  { kind, spec }: { kind: string; spec: object },
  signature: string | undefined,
): Promise<Job | undefined> {
  const id = randomUUID();
  const made = await performOperation(
    store,
    { operation: 'replay.started', subject: id, detail: wordsOf(kind, spec), signature },
    (db) => jobs.insert(db, id, kind, signature === undefined ? spec : { ...spec, signature }),
    (job) => job !== undefined,
  );
  if (made) await jobs.announce();
  return made;
}

/** Cancels a run, as `Jobs.cancel`; where the caller is known, with the event that says who did. */
export async function cancelJob(
  jobs: Jobs,
  store: EventStore,
  id: string,
  signature: string | undefined,
): Promise<CancelledJob | undefined> {
  const cancelled = await performOperation(
    store,
    { operation: 'replay.cancelled', subject: id, signature },
    (db) => jobs.requestCancel(db, id),
    (outcome) => outcome?.ended === false,
  );
  if (cancelled?.ended === false) await jobs.announce();
  return cancelled;
}

function wordsOf(kind: string, { rulesetVersion, compare, topic }: Told): string {
  if (topic !== undefined) return `${kind} to ${topic}`;
  return `${compare ? 'comparison' : kind}${rulesetVersion === undefined ? '' : ` with ruleset ${rulesetVersion}`}`;
}
