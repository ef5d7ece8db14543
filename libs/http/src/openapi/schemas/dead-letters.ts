import { z } from 'zod';
import { remarks } from '#libs/domain';
import { answerFields } from '#libs/queries';

// Messages of Kafka that could not be recorded.

const { count, instant, locationId, pageOf, position, shard, text, uuid } = answerFields;

const bytes = z
  .object({
    text: text('Where they are UTF-8').nullable(),
    base64: text('Where they are not', 'AAECAw==').nullable(),
  })
  .meta({ id: 'Bytes', description: 'Bytes of a message: as text, or in base64' });

export const deadLetter = z
  .object({
    id: text('The dead letter: where its message was', 'claimline.statements.v1:7:0'),
    topic: text('The topic of its message', 'claimline.statements.v1'),
    partition: z.int().min(0).meta({ description: 'The partition' }),
    offset: text('The offset', '0'),
    code: text('Why it could not be recorded', 'location-unknown'),
    detail: text('The same in words'),
    deadAt: instant('When it was found to be wrong'),
    outcome: z
      .enum(['retried', 'discarded'])
      .nullable()
      .meta({ description: 'What was decided; null: nothing yet' }),
    decidedAt: instant('When').nullable(),
    decidedBy: text('By whom', 'desk').nullable(),
    eventId: uuid('The event that a retry recorded').nullable(),
  })
  .meta({ id: 'DeadLetter', description: 'A message that could not be recorded' });

export const deadLetters = pageOf(deadLetter).meta({
  id: 'DeadLetters',
  description: 'A page of dead letters, newest first',
});

export const wholeDeadLetter = deadLetter
  .extend({
    key: bytes.nullable(),
    headers: z
      .array(
        z
          .object({ name: text('The name', 'error-code'), value: bytes.nullable() })
          .meta({ id: 'MessageHeader', description: 'A header of a message' }),
      )
      .meta({ description: 'Its own headers, and those that describe the fault; a name may repeat' }),
    value: bytes.nullable(),
  })
  .meta({ id: 'WholeDeadLetter', description: 'A dead letter with its message' });

export const deadLetterCounts = z
  .object({
    open: count('Not decided on'),
    retried: count('Recorded by a retry'),
    discarded: count('Discarded'),
    codes: z
      .array(
        z
          .object({ code: text('The code', 'location-unknown'), open: count('How many are open') })
          .meta({ id: 'DeadLetterCodeCount', description: 'The open dead letters of a code' }),
      )
      .meta({ description: 'Of those that are open, by code: the most frequent first, at most 100' }),
  })
  .meta({ id: 'DeadLetterCounts', description: 'How many dead letters there are' });

export const retryOutcome = z
  .object({
    recorded: z.boolean().meta({ description: 'Whether it is recorded now' }),
    code: text('Why it was refused again', 'location-unknown').nullable(),
    detail: text('The same in words').nullable(),
    eventId: uuid('The event').nullable(),
    locationId: locationId('The place that it was recorded on').nullable(),
    shard: shard.nullable(),
    position: position.nullable(),
    duplicate: z.boolean().nullable().meta({ description: 'Whether it was recorded before' }),
  })
  .meta({ id: 'RetryOutcome', description: 'What came of a retry' });

export const retrySchema = z
  .strictObject({
    ...remarks,
    value: z
      .string()
      .min(1)
      .max(4 * 1024 * 1024, 'must have at most 4194304 characters')
      .optional()
      .meta({ description: 'The message corrected: recorded in place of what it holds' }),
  })
  .meta({ description: 'A dead letter is to be recorded' });

export const discardSchema = z
  .strictObject({
    by: remarks.by,
    reason: remarks.reason.unwrap().meta({ description: 'Why it is not wanted' }),
  })
  .meta({ description: 'A dead letter is not to be recorded' });
