import { z } from 'zod';
import { coordinates, country, toponym } from '#libs/domain';
import { count, instant, locationId, pageOf, position, shard, statementSchemas, stateSchemas, text, token, uuid } from '#libs/read-models';
import { resolution } from './receipts.js';

// The events of the log, as they are stored.

const { claimSchema, extractionSchema, gradingSchema, occurredSchema, placeGivenSchema, sourceFields, timeFields } = statementSchemas;
const { codeSchema, toponymSchema } = stateSchemas;

const reason = text('Why, as was said').optional();
const sha256 = (description: string) => z.string().regex(/^[0-9a-f]{64}$/).meta({ description });

const sourceKept = z
  .object({ ...sourceFields, quoteDigest: sha256('Salted sha256 of the quote, which is no part of the log').optional() })
  .meta({ id: 'SourceKept', description: 'Where it was read, as an event keeps it' });
const speakerKept = z
  .object({ name: text('Who spoke').optional(), role: text('In what role').optional(), party: text('For which party, as it was given').optional() })
  .meta({ id: 'SpeakerKept', description: 'Who spoke, as an event keeps it' });

const utterance = { speaker: speakerKept.optional(), via: z.array(z.string()).optional().meta({ description: 'Through whom it came, nearest to the speaker first' }), source: sourceKept.optional(), ...timeFields, reason };
const ofPlace = { locationId: locationId('The place'), reason };

const claimData = z
  .object({ claim: claimSchema, location: placeGivenSchema, ...utterance, occurredAt: occurredSchema.optional(), grading: gradingSchema.optional(), extraction: extractionSchema.optional(), resolution: resolution.optional() })
  .meta({ id: 'ClaimData', description: 'A statement' });
const retractionData = z.object({ retractionId: uuid('The retraction'), ...utterance }).meta({ id: 'RetractionData', description: 'A retraction' });
const markData = z.object({ retractionId: uuid('Where it is a retraction that is marked').optional(), reason }).meta({ id: 'MarkData', description: 'A void, or its reinstatement' });
const registrationData = z
  .object({
    ...ofPlace,
    names: z.array(toponymSchema).meta({ description: 'Its names' }),
    codes: z.array(codeSchema).optional().meta({ description: 'Its ids in other registers' }),
    coordinates: coordinates.optional(),
    country: country.optional(),
    countries: z.array(country).optional().meta({ description: 'Every country that it is said to be in, where these are several' }),
    region: text('The region').optional(),
    within: locationId('The place that it lies in').optional(),
  })
  .meta({ id: 'RegistrationData', description: 'A place that is registered' });
const nameAddedData = z.object({ ...ofPlace, ...toponym.shape }).meta({ id: 'NameAddedData', description: 'A name that is added' });
const nameRemovedData = z.object({ ...ofPlace, name: text('The name') }).meta({ id: 'NameRemovedData', description: 'A name that is removed' });
const codeData = z.object({ ...ofPlace, ...codeSchema.shape }).meta({ id: 'CodeData', description: 'A code that is added or removed' });
const positionData = z.object({ ...ofPlace, coordinates }).meta({ id: 'PositionData', description: 'Where a place lies' });
const mergeData = z.object({ ...ofPlace, into: locationId('The place that it is merged into') }).meta({ id: 'MergeData', description: 'A merge' });
const unmergeData = z.object({ ...ofPlace, from: locationId('The place that it was merged into') }).meta({ id: 'UnmergeData', description: 'The end of a merge' });

/** An event of some types. What is about a statement names it. */
const eventOf = <T extends string, D extends z.ZodType>(id: string, types: readonly [T, ...T[]], data: D, ofStatement = false) =>
  z
    .object({
      eventId: uuid('The event'),
      type: z.enum(types).meta({ description: 'What happened' }),
      schemaVersion: z.int().meta({ description: 'The version of the form of `data`', examples: [1] }),
      stream: text('The place that the statement was recorded on; `register` for events about places', 'gn-703656'),
      ...(ofStatement && { statementId: uuid('The statement') }),
      data,
      by: text('Who did it, as they said', 'worker-7').optional(),
      shard,
      position,
      recordedAt: instant('When it was recorded'),
      digest: sha256('sha256 of what the writer made'),
      chain: sha256('The link of the chain over the shard'),
    })
    .meta({ id, description: `An event: ${types.join(', ')}` });

export const event = z
  .discriminatedUnion('type', [
    eventOf('ClaimEvent', ['claim.asserted', 'claim.denied'], claimData, true),
    eventOf('RetractionEvent', ['claim.retracted'], retractionData, true),
    eventOf('MarkEvent', ['statement.voided', 'statement.reinstated'], markData, true),
    eventOf('RegistrationEvent', ['location.registered'], registrationData),
    eventOf('NameAddedEvent', ['location.name-added'], nameAddedData),
    eventOf('NameRemovedEvent', ['location.name-removed'], nameRemovedData),
    eventOf('CodeEvent', ['location.code-added', 'location.code-removed'], codeData),
    eventOf('PositionEvent', ['location.positioned'], positionData),
    eventOf('MergeEvent', ['location.merged'], mergeData),
    eventOf('UnmergeEvent', ['location.unmerged'], unmergeData),
  ])
  .meta({ description: 'A fact of the log, as it is stored' });

export const events = pageOf(event).extend({ token: token('What is reached: `after` of this goes on') }).meta({ description: 'A page of the log' });

const hash = (description: string) => sha256(`${description}, in hexadecimal`);
const path = z.array(hash('A node')).meta({ description: 'The nodes of the proof, as in RFC 9162' });
const storeId = uuid('The store');
const tree = z.object({ size: count('How many events it holds'), root: hash('Its root') }).meta({ id: 'Tree', description: 'The tree over the first events of a shard' });

export const proof = z
  .object({
    storeId,
    eventId: uuid('The event'),
    shard,
    position,
    recordedAt: instant('When it was recorded'),
    body: text('What the writer made: canonical JSON (RFC 8785), as it is stored'),
    digest: hash('sha256 of the body'),
    leaf: text('The leaf of the event: what its hash is made of'),
    size: count('The size of the tree'),
    root: hash('The root of the tree'),
    path,
  })
  .meta({ description: 'A proof that an event is in the log (RFC 9162)' });

export const checkpoint = z
  .object({
    storeId,
    time: instant('When it was made'),
    heads: z.array(z.object({ shard, size: tree.shape.size, root: tree.shape.root }).meta({ id: 'TreeHead', description: 'The tree of a shard' })).meta({ description: 'One for each shard' }),
    token: token('The sizes of the trees, as a token'),
    note: text('The same as a note, signed where there is a key'),
    key: text('The key that verifies the note; null where there is none').nullable(),
  })
  .meta({ description: 'The trees over all shards at a time' });

export const consistency = z
  .object({
    storeId,
    from: token('The older trees'),
    to: token('The newer trees'),
    items: z.array(z.object({ shard, from: tree, to: tree, path }).meta({ id: 'ShardConsistency', description: 'A proof that the tree of a shard has only grown' })).meta({ description: 'One for each shard of `from`' }),
    nextCursor: text('Always null: all are on one page').nullable(),
  })
  .meta({ description: 'Proofs that the trees have only grown (RFC 9162)' });
