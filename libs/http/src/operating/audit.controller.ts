import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { EventStore, type AuditPosition } from '#libs/log';
import { PageCursors, type CursorInvalid } from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { parameters, type Parsed } from '../parameters.js';
import { pageOf } from '../edge/refusals.js';
import { by } from '../edge/schema.pipe.js';

/** Who did what beside recording statements. It is the log itself, read backwards. */
@ApiTags('operating')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly store: EventStore) {}

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
    const cursors = new PageCursors({ list: 'audit', ...filter }, ['time', 'number', 'number']);
    const before = cursor === undefined ? null : positionOf(cursors.read(cursor), this.store.shards);
    if (before === 'cursor-invalid') return pageOf(before);
    const { items, next } = await this.store.audit(filter, { limit, before });
    return { items, nextCursor: next && cursors.after([next.recordedAt, next.shard, next.position]) };
  }
}

type Key = Exclude<ReturnType<PageCursors['read']>, CursorInvalid>;

/** A forged cursor must not become an error of the database. */
function positionOf(key: Key | CursorInvalid, shards: number): AuditPosition | CursorInvalid {
  if (key === 'cursor-invalid') return key;
  const [recordedAt, shard, position] = key as [string, number, number];
  const isPossible = recordedAt > '0001' && shard >= 0 && shard < shards;
  return isPossible ? { recordedAt, shard, position } : 'cursor-invalid';
}
