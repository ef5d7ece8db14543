import {
  accept,
  EVENT_TYPES,
  LOCATION_ID,
  parseBody,
  parseRuleset,
  refuse,
  rulesetSchema,
  TIME_FORMAT,
  type EventType,
  type Result,
  type Ruleset,
} from '#libs/domain';
import type { RangeBound, EventStore } from '#libs/log';
import { faultOfPartitions, faultOfReplayTopic } from '#libs/messaging';
import { z } from 'zod';
import { faultOfBound, parseFrom, parseTo } from './bounds.js';
import { MAX_SPEED, parseSpeed, SPEED_FORMAT } from './publish/pacing.js';
import type { JobBroker } from './publish/publish-job.js';
import { publishSpec } from './publish/publish-spec.js';
import { rebuildSpec } from './rebuild/rebuild-spec.js';

const rebuild = z
  .strictObject({
    kind: z.literal('rebuild').meta({ description: 'A rebuild' }),
    ruleset: rulesetSchema
      .optional()
      .meta({ description: 'A ruleset to rebuild with (default: that of the service)' }),
    compare: z
      .boolean()
      .default(false)
      .meta({ description: 'Only report the places that would change their status; nothing takes effect' }),
  })
  .meta({ title: 'Rebuild', description: 'Rebuild the read models from the log' });

/** Each place is read in pages of its own. */
export const MAX_LOCATIONS = 50;

const bound = (read: (text: string) => RangeBound | undefined, description: string) =>
  z
    .string()
    .max(100_000)
    .transform((given, context): RangeBound => {
      const value = read(given.trim());
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `must be a token, or ${TIME_FORMAT}` });
      return z.NEVER;
    })
    .meta({ description });

const speed = z
  .union([z.number().positive().max(MAX_SPEED).transform(String), z.string().max(20)], {
    error: `must be ${SPEED_FORMAT}`,
  })
  .transform((given, context): number => {
    const value = parseSpeed(given);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${SPEED_FORMAT}` });
    return z.NEVER;
  })
  .meta({
    description: 'A multiple of real time, also as a number (default: as fast as possible)',
    examples: ['60x'],
    type: 'string',
  });

const publish = z
  .strictObject({
    kind: z.literal('publish').meta({ description: 'A publishing' }),
    topic: z
      .string()
      .meta({
        description:
          'The target topic: created if it is missing; else it must have as many partitions as the store has shards',
      }),
    from: bound(
      parseFrom,
      'Events recorded from this time on (a date means its start), or after this token',
    ).optional(),
    to: bound(
      parseTo,
      'Events recorded up to this time (a date means its end), or those that this token holds; at most the present ones',
    ).optional(),
    locations: z
      .array(z.string().regex(LOCATION_ID, 'must be the id of a place, or "register"'))
      .min(1)
      .max(MAX_LOCATIONS)
      .optional()
      .meta({
        description:
          'Only events recorded on these places; "register" stands for events about places themselves',
      }),
    types: z
      .array(z.enum(EVENT_TYPES as [string, ...string[]]).meta({ title: 'EventType' }))
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'Only events of these types' }),
    speed: speed.optional(),
  })
  .meta({ title: 'Publish', description: 'A range of the history to a Kafka topic' });

/** A requested run, by kind. */
export const replayRequestSchema = z
  .discriminatedUnion('kind', [rebuild, publish], {
    error: 'must be a kind of replay: "rebuild" or "publish"',
  })
  .meta({ description: 'A requested run' });

/** The parts of the service that a request can need. */
export interface RequestNeeds {
  store: EventStore;
  /** Undefined if the settings name none. */
  broker?: JobBroker | undefined;
  /** The configured ruleset of the service, whether it is in force or not. */
  presentRuleset: () => Promise<Ruleset>;
}

/** Reads a request for a run. @returns its kind, and its spec in the form of its kind */
export async function readReplayRequest(body: unknown, needs: RequestNeeds): Promise<Spec> {
  const parsed = parseBody(replayRequestSchema, body, 'replay-invalid');
  if (!parsed.ok) return parsed;
  return parsed.value.kind === 'rebuild' ? rebuildOf(parsed.value, needs) : publishOf(parsed.value, needs);
}

type Spec = Result<{ kind: string; spec: object }, 'replay-invalid'>;

async function rebuildOf(
  { kind, ruleset, compare }: z.output<typeof rebuild>,
  needs: RequestNeeds,
): Promise<Spec> {
  if (!ruleset) return accept({ kind, spec: rebuildSpec(await needs.presentRuleset(), compare) });
  const read = parseRuleset(ruleset);
  if (read.ok) return accept({ kind, spec: rebuildSpec(read.ruleset, compare) });
  const faults = read.faults.map(({ pointer, detail }) => ({ pointer: `/ruleset${pointer}`, detail }));
  return refuse('replay-invalid', `${faults[0]!.pointer} ${faults[0]!.detail}`, faults);
}

async function publishOf(
  { kind, topic, speed: pace, types, ...wanted }: z.output<typeof publish>,
  { store, broker }: RequestNeeds,
): Promise<Spec> {
  if (!broker) return invalid('/topic', 'needs a broker, and the service has none (KAFKA_BROKERS)');
  const fault =
    faultOfReplayTopic(topic, broker.topics) ?? (await faultOfPartitions(broker.kafka, topic, store.shards));
  if (fault) return invalid('/topic', fault);
  for (const edge of ['from', 'to'] as const) {
    const beyond = await faultOfBound(store, wanted[edge]);
    if (beyond) return invalid(`/${edge}`, beyond);
  }
  return accept({
    kind,
    spec: await publishSpec(store, topic, { ...wanted, types: types as EventType[] | undefined }, pace),
  });
}

const invalid = (pointer: string, detail: string) =>
  refuse('replay-invalid', `${pointer} ${detail}`, [{ pointer, detail }]);
