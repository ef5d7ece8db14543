import { z } from 'zod';
import { EVENT_TYPES, resolutionSchema, type EventType } from '#libs/domain';
import { OPENNESS } from '#libs/access';
import { answerFields } from '#libs/queries';

// Answers to writes, problems, and the health of the service.

const { count, instant, locationId, position, shard, text, token, uuid } = answerFields;

export const eventType = z
  .enum(EVENT_TYPES as [EventType, ...EventType[]])
  .meta({ title: 'EventType', description: 'The type of the event', examples: ['claim.asserted'] });

export const problem = z
  .object({
    type: text('The kind of problem', 'urn:claimline:problem:statement-invalid'),
    title: text('The same in words', 'Statement invalid'),
    status: z.int().meta({ description: 'The HTTP status', examples: [422] }),
    detail: text('What is wrong', '/claim/actor is required: who captured'),
    errors: z
      .array(
        z
          .object({
            pointer: text('A JSON Pointer to it', '/claim/actor'),
            detail: text('What is wrong with it', 'is required: who captured'),
          })
          .meta({ id: 'FieldProblem', description: 'A field that is wrong' }),
      )
      .optional()
      .meta({ description: 'For an invalid input: every wrong field' }),
    token: token('For `epoch-changed`: the token to go on from').optional(),
    requestId: text(
      'The request, as in the header X-Request-Id and in the log of the service',
      '0b7f4c1e-5d0a-4a53-9f0e-2f4c2f6f2a11',
    ).optional(),
    traceId: text(
      'The trace of the request, where the service is traced',
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ).optional(),
  })
  .meta({ description: 'Why a request was refused (RFC 9457)' });

export const receipt = z
  .object({
    id: locationId('For a command to the register: the place').optional(),
    statementId: uuid('The statement; absent for a command to the register').optional(),
    eventId: uuid('The event; absent for a dry run').optional(),
    type: eventType,
    locationId: locationId('The place that it was recorded on'),
    resolution: resolutionSchema.optional(),
    unknownParties: z
      .array(z.string())
      .optional()
      .meta({
        description: 'For a statement or a retraction: the parties and actors that the ruleset does not know',
      }),
    corrects: uuid('For a correction: the statement that it corrects').optional(),
    voided: z
      .object({ eventId: uuid('The event'), shard, position, recordedAt: instant('When it was recorded') })
      .meta({ id: 'CorrectionVoid', description: 'For a correction: the void of that statement' })
      .optional(),
    shard: shard.optional(),
    position: position.optional(),
    recordedAt: instant('When it was recorded').optional(),
    duplicate: z
      .boolean()
      .meta({ description: 'True if it was recorded before: these are the values of the original' }),
    token: token('Reads with this token as `after` include it').optional(),
    dryRun: z.boolean().optional().meta({ description: 'True for a dry run: nothing was recorded' }),
  })
  .meta({ description: 'The position in the log. A dry run has none' });

const { type: receiptType, locationId: place, duplicate, ...ofReceipt } = receipt.shape;
const { type: problemType, ...ofProblem } = problem.shape;
// One object, because generated clients misread a choice of two without a discriminating field.
export const batchResult = z
  .object({
    type: text(
      `For a receipt: ${receiptType.description}. For a problem: ${problemType.description}`,
      'claim.asserted',
      'urn:claimline:problem:statement-invalid',
    ),
    ...z.object({ ...ofReceipt, locationId: place, duplicate }).partial().shape,
    ...z.object(ofProblem).partial().shape,
  })
  .meta({ description: 'A receipt; with a `status`, a problem' });

export const batchReceipt = z
  .object({
    results: z
      .array(batchResult)
      .meta({ description: 'For each statement, in order, a receipt or a problem' }),
    token: token('Reads with this token as `after` include all of them; empty if nothing was recorded'),
  })
  .meta({ description: 'The result for each of several statements' });

export const projections = z
  .object({
    rulesetVersion: text('The ruleset of the read models', '2025-11-1'),
    items: z
      .array(
        z
          .object({
            shard,
            checkpoint: count('The last position that is applied'),
            head: count('The last position of the log'),
            lag: z
              .object({
                events: count('Events that are not applied'),
                seconds: z.number().meta({ description: 'The age of the oldest of them, in seconds' }),
              })
              .meta({ id: 'Lag', description: 'How far it is behind' }),
          })
          .meta({ id: 'Projection', description: 'The progress of the read models in a shard' }),
      )
      .meta({ description: 'One for each shard' }),
    nextCursor: text('Always null: all are on one page').nullable(),
    token: token('The checkpoints as a token: a stream that begins there misses nothing'),
  })
  .meta({ description: 'The progress of the read models' });

export const health = z
  .object({
    status: z.enum(['ok', 'ready']).meta({ title: 'HealthStatus', description: 'Alive, or ready' }),
    open: z
      .enum(OPENNESS)
      .meta({ title: 'Openness', description: 'What is open to everybody, without a key' })
      .optional()
      .meta({
        description:
          'Of readiness: what is open to everybody, without a key: `everything` but keys, `reading`, or `nothing`',
      }),
    warnings: z
      .array(z.string())
      .meta({ description: 'What should be looked at while everything works: clocks that differ' })
      .optional(),
  })
  .meta({ description: 'The health of the service' });
