import type { KeyObject } from 'node:crypto';
import { Controller, Get, Headers, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  checkpointNote,
  checkpointOrigin,
  leafOf,
  shardNote,
  shardOrigin,
  verifierKeyOf,
  type Token,
  type TreeHead,
} from '#libs/domain';
import { EventStore } from '#libs/log';
import { epochChanged } from '#libs/queries';
import { Trees } from '#libs/transparency';
import { Problem } from '#libs/platform';
import { Describe } from '../openapi/describe.js';
import { Answer } from '../edge/answer.js';
import { Form, Forms, JSON_TYPE, notAcceptable, TEXT } from '../edge/forms.js';
import { by, uuidOr } from '../edge/schema.pipe.js';
import { parameters, type Parsed, path } from '../parameters.js';
import { CHECKPOINT_KEY } from '#modules/transparency';

@ApiTags('the log')
@Controller('v1')
export class ProofsController {
  constructor(
    private readonly store: EventStore,
    private readonly trees: Trees,
    @Inject(CHECKPOINT_KEY) private readonly key: KeyObject | undefined,
  ) {}

  @Get('events/:eventId/proof')
  @Describe({
    id: 'getProof',
    summary:
      'A proof that an event is in the log: the path from its leaf to the root of a tree over its shard (RFC 9162)',
    params: { eventId: path.event },
    query: parameters.proof,
    answers: { 200: ['The proof', 'Proof'] },
    problems: {
      404: 'No such event',
      503: 'The database is away, or the event is not in a tree yet; try again',
    },
  })
  async proof(
    @Param('eventId', uuidOr('event-not-found')) id: string,
    @Query(by(parameters.proof)) asked: Parsed<'proof'>,
  ): Promise<object> {
    const event = await this.store.findStored(id);
    if (!event) throw new Problem(404, 'event-not-found', `no event has the id ${id}`);
    const { eventId, shard, position, recordedAt, digest, body } = event;
    const newest = (await this.trees.sizes([shard])).get(shard)!;
    const { size = newest } = asked;
    if (asked.size === undefined && position > newest)
      throw new Problem(503, 'tree-behind', 'this event is not in a tree yet; try again');
    if (size < position || size > newest)
      throw wrong(
        'size',
        size < position
          ? `must be at least ${position}, the position of the event`
          : `must be at most ${newest}, the size of the newest tree`,
      );
    const { root, path } = await this.trees.inclusion(shard, position, size);
    return {
      storeId: this.store.id,
      eventId,
      shard,
      position,
      recordedAt,
      body,
      digest,
      leaf: leafOf(event),
      size,
      root: hex(root),
      path: path.map(hex),
    };
  }

  @Get('checkpoint')
  @Forms(JSON_TYPE, TEXT)
  @Describe({
    id: 'getCheckpoint',
    summary: 'The trees over all shards as they are now, with a note of them, signed if there is a key',
    description:
      'With `Accept: text/plain` only the note. With `shard` the tree of that shard only, as a C2SP tlog-checkpoint. ' +
      'With `from` and `to` the answer is that of `/v1/checkpoint/consistency`.',
    query: parameters.checkpointNow,
    answers: {
      200: ['A checkpoint', { 'application/json': 'Checkpoint', 'text/plain': { text: 'The note' } }],
    },
    problems: { 404: 'With `shard`: this service has no signing key' },
  })
  async checkpoint(
    @Query(by(parameters.checkpoint)) { from, to, shard }: Parsed<'checkpoint'>,
    @Headers('accept') accept: string | undefined,
    @Form() form: string,
  ): Promise<object> {
    if (from) {
      if (form === TEXT) throw notAcceptable([JSON_TYPE]);
      return this.consistency(from, to);
    }
    const time = new Date().toISOString();
    if (shard !== undefined) {
      const [head] = await this.trees.heads(await this.trees.sizes([shard]));
      if (!head) throw wrong('shard', `must be 0 to ${this.store.shards - 1}`);
      if (!this.key)
        throw new Problem(
          404,
          'checkpoint-unsigned',
          'a checkpoint of one shard is always signed, but CHECKPOINT_KEY_FILE names no key here',
        );
      // Readers of such checkpoints name no media type.
      const isText = form === TEXT || !accept?.includes(JSON_TYPE);
      const note = shardNote(this.store.id, head, this.key);
      return isText ? noteOf(note) : this.shown(time, [head], shardOrigin(this.store.id, shard), note);
    }
    const checkpoint = await this.trees.checkpoint(time);
    const note = checkpointNote(checkpoint, this.key);
    return form === TEXT
      ? noteOf(note)
      : this.shown(time, checkpoint.heads, checkpointOrigin(this.store.id), note);
  }

  /** A checkpoint: its note, and its content. */
  private shown(time: string, heads: TreeHead[], origin: string, note: string): object {
    const token = this.store.epochs.format(new Map(heads.map(({ shard, size }) => [shard, size])));
    const key = this.key ? verifierKeyOf(origin, this.key).text : null;
    return {
      storeId: this.store.id,
      time,
      heads: heads.map(({ shard, size, root }) => ({ shard, size, root: hex(root) })),
      token,
      note,
      key,
    };
  }

  @Get('checkpoint/consistency')
  @Describe({
    id: 'getConsistency',
    summary:
      'Proofs that the trees of one token begin with those of an earlier one, so that they have only grown (RFC 9162)',
    query: parameters.consistency,
    answers: { 200: ['The proofs', 'Consistency'] },
  })
  async grown(@Query(by(parameters.consistency)) { from, to }: Parsed<'consistency'>): Promise<object> {
    return this.consistency(from, to);
  }

  private async consistency(from: Token, given: Token = new Map()): Promise<object> {
    for (const token of [from, given]) {
      const goOn = (await this.store.presentEpochs()).goOn(token);
      if (goOn) throw epochChanged(goOn);
    }
    const newest = await this.trees.sizes();
    const to = new Map([...newest, ...given]);
    for (const [shard, size] of given)
      if (size > (newest.get(shard) ?? -1)) throw wrong('to', beyond(shard, size, newest));
    for (const [shard, size] of from)
      if (size > (newest.get(shard) ?? -1)) throw wrong('from', beyond(shard, size, newest));
      else if (size > to.get(shard)!)
        throw wrong('from', `names position ${size} of shard ${shard}, which is after \`to\``);
    const proofs = await this.trees.consistency(from, to);
    const items = proofs.map(({ shard, from: before, to: after, path }) => ({
      shard,
      from: { size: before.size, root: hex(before.root) },
      to: { size: after.size, root: hex(after.root) },
      path: path.map(hex),
    }));
    return {
      storeId: this.store.id,
      from: this.store.epochs.format(new Map(items.map((item) => [item.shard, item.from.size]))),
      to: this.store.epochs.format(to),
      items,
      nextCursor: null,
    };
  }
}

const noteOf = (note: string) => new Answer(note, { type: `${TEXT}; charset=utf-8` });

const hex = (hash: Buffer): string => hash.toString('hex');

const wrong = (name: string, detail: string): Problem =>
  new Problem(422, 'query-invalid', `${name} ${detail}`, [{ pointer: `/${name}`, detail }]);

const beyond = (shard: number, size: number, newest: Token): string =>
  newest.has(shard)
    ? `names position ${size} of shard ${shard}, which the trees have not reached`
    : `names shard ${shard}, of ${newest.size}`;
