import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { tokenIn, type Token } from '#libs/domain';
import { EventStore, type AuditPosition } from '#libs/log';
import { PageCursors, type CursorInvalid } from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { parameters, type Parsed } from '../parameters.js';
import { pageOf } from '../edge/refusals.js';
import { by } from '../edge/schema.pipe.js';
import { ReadYourWrites } from '../reading/read-your-writes.js';

/** Who did what beside recording statements. It is the log itself, read backwards. */
@ApiTags('operating')
@Controller('v1/audit')
export class AuditController {
  constructor(
    private readonly store: EventStore,
    private readonly readYourWrites: ReadYourWrites,
  ) {}

  @Get()
  @Describe({
    id: 'listAudit',
    summary: 'Commands of curators and operators, newest first',
    description:
      'The events of voids, reinstatements, the register of places and operations. A correction is listed by its void, ' +
      'which names the new statement. A request looks at 5,000 events at most: with `by`, `location` or `statement` a page ' +
      'may be short, or empty, while `nextCursor` is set.',
    query: parameters.audit,
    answers: { 200: ['A page', 'Audit'] },
  })
  async list(@Query(by(parameters.audit)) { limit, cursor, ...filter }: Parsed<'audit'>): Promise<object> {
    const cursors = new PageCursors({ list: 'audit', ...filter }, ['time', 'number', 'number', 'number']);
    const before = cursor === undefined ? null : positionOf(cursors.read(cursor), this.store.shards);
    if (before === 'cursor-invalid') return pageOf(before);
    if (before) await this.readYourWrites.inLog(tokenOf(before), 'cursor');
    const { items, next } = await this.store.audit(filter, { limit, before });
    if (!next) return { items, nextCursor: null };
    const { recordedAt, shard, position } = next;
    const epoch = this.store.epochs.of(shard, position);
    return { items, nextCursor: cursors.after([recordedAt, shard, position, epoch]) };
  }
}

/** Where a page ends, and the epoch of the log in which that was recorded. */
type PlaceInEpoch = AuditPosition & { epoch: number };

type Key = Exclude<ReturnType<PageCursors['read']>, CursorInvalid>;

/** A forged cursor must not become an error of the database. */
function positionOf(key: Key | CursorInvalid, shards: number): PlaceInEpoch | CursorInvalid {
  if (key === 'cursor-invalid') return key;
  const [recordedAt, shard, position, epoch] = key as [string, number, number, number];
  const isPossible = recordedAt > '0001' && shard >= 0 && shard < shards && position >= 0 && epoch >= 0;
  return isPossible ? { recordedAt, shard, position, epoch } : 'cursor-invalid';
}

const tokenOf = ({ shard, position, epoch }: PlaceInEpoch): Token =>
  tokenIn(new Map([[shard, position]]), new Map(epoch === 0 ? [] : [[shard, epoch]]));
