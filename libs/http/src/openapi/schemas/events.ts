import { z } from 'zod';
import { eventSchemas } from '#libs/domain';
import { answerFields } from '#libs/queries';

// The log, and proofs of it.

const { count, instant, pageOf, position, shard, text, token, uuid } = answerFields;

const sha256 = (description: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description });

/** The fields that the store adds. */
const placement = {
  shard,
  position,
  recordedAt: instant('When it was recorded'),
  digest: sha256('sha256 of the canonical body'),
  chain: sha256('The link of the chain over the shard'),
};

const placed = <T extends z.ZodRawShape>(of: z.ZodObject<T>) =>
  z.object({ ...of.shape, ...placement }).meta(of.meta()!);
const {
  claim,
  retraction,
  mark,
  registration,
  name,
  code,
  position: positioned,
  merge,
  unmerge,
} = eventSchemas;

export const event = z
  .discriminatedUnion('type', [
    placed(claim),
    placed(retraction),
    placed(mark),
    placed(registration),
    placed(name),
    placed(code),
    placed(positioned),
    placed(merge),
    placed(unmerge),
  ])
  .meta({ description: 'A fact of the log, as it is stored' });

const unreadable = z
  .object({ shard, position, eventId: uuid('Its id').nullable(), detail: text('Why it cannot be read') })
  .meta({ id: 'UnreadableEvent', description: 'An event that cannot be read, at which its shard ends' });

export const events = z
  .object({
    ...pageOf(event).shape,
    token: token('The end of this page: `after` with this token resumes'),
    unreadable: z
      .array(unreadable)
      .optional()
      .meta({
        description:
          'Only where there are such: the first event of each shard that cannot be read. Of these shards the page ends before it',
      }),
  })
  .meta({ description: 'A page of the log' });

const hash = (description: string) => sha256(`${description}, in hexadecimal`);
const path = z.array(hash('A node')).meta({ description: 'The nodes of the proof, as in RFC 9162' });
const storeId = uuid('The store');
const tree = z
  .object({ size: count('How many events it holds'), root: hash('Its root') })
  .meta({ id: 'Tree', description: 'The tree over the first events of a shard' });

export const proof = z
  .object({
    storeId,
    eventId: uuid('The event'),
    shard,
    position,
    recordedAt: instant('When it was recorded'),
    body: text('The event without the fields of the store: canonical JSON (RFC 8785), as it is stored'),
    digest: hash('sha256 of the body'),
    leaf: text('The leaf of the event, whose hash is in the tree'),
    size: count('The size of the tree'),
    root: hash('The root of the tree'),
    path,
  })
  .meta({ description: 'A proof that an event is in the log (RFC 9162)' });

export const checkpoint = z
  .object({
    storeId,
    time: instant('When it was made'),
    heads: z
      .array(
        z
          .object({ shard, size: tree.shape.size, root: tree.shape.root })
          .meta({ id: 'TreeHead', description: 'The tree of a shard' }),
      )
      .meta({ description: 'One for each shard' }),
    token: token('The sizes of the trees, as a token'),
    note: text('The same as a note, signed if there is a key'),
    key: text('The key that verifies the note; null where there is none').nullable(),
  })
  .meta({ description: 'The trees over all shards at a time' });

export const consistency = z
  .object({
    storeId,
    from: token('The older trees'),
    to: token('The newer trees'),
    items: z
      .array(
        z
          .object({ shard, from: tree, to: tree, path })
          .meta({ id: 'ShardConsistency', description: 'A proof that the tree of a shard has only grown' }),
      )
      .meta({ description: 'One for each shard' }),
    nextCursor: text('Always null: all are on one page').nullable(),
  })
  .meta({ description: 'Proofs that the trees have only grown (RFC 9162)' });
