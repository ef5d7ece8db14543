import {
  accept,
  isClaim,
  isRegister,
  plainResolution,
  refuse,
  UnreadableEvent,
  type EventId,
  type EventType,
  type Instant,
  type LocationId,
  type NewEvent,
  type Result,
  type PlaceReference,
  type Resolution,
  type StatementId,
} from '#libs/domain';
import type { Db } from '#libs/platform';
import { types } from '../rows/stored-event.js';

/** The place of an event in the log. `duplicate`: it was recorded before, and these are the original's values. */
export interface Receipt {
  eventId: EventId;
  type: EventType;
  statementId?: StatementId;
  locationId: LocationId;
  /** For a statement: how its place was found when it was recorded. */
  resolution?: Resolution;
  /** The parties and actors, as given, that the ruleset does not know; only if requested. */
  unknownParties?: string[];
  /** For a correction: the statement that it corrects, and the place of that one's void in the log. */
  corrects?: StatementId;
  voided?: Pick<Receipt, 'eventId' | 'shard' | 'position' | 'recordedAt'>;
  shard: number;
  position: number;
  recordedAt: Instant;
  duplicate: boolean;
}

export const receiptOf = (
  event: NewEvent,
  { shard, position, recordedAt }: Pick<Receipt, 'shard' | 'position' | 'recordedAt'>,
  duplicate: boolean,
): Receipt => ({
  eventId: event.eventId,
  type: event.type,
  statementId: event.statementId,
  locationId: isRegister(event) ? event.data.locationId : (event.stream as LocationId),
  resolution: isClaim(event) ? foundBy(event.data, event.stream as LocationId) : undefined,
  shard,
  position,
  recordedAt,
  duplicate,
});

/** The record under an id of a statement or a retraction. `digest` is of its content, hexadecimal. */
export interface ExistingRecord extends Omit<Receipt, 'duplicate'> {
  id: string;
  digest: string;
  statementId: StatementId;
}

/**
 * The originals of the known ids, by id. That of a statement whose event cannot be read has no `resolution`.
 * @throws UnreadableEvent where that of a retraction cannot be read: it is not known what it retracts
 */
export async function existingRecordsOf(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, ExistingRecord>> {
  type Row = Omit<ExistingRecord, 'resolution' | 'statementId'> & {
    statementId: StatementId | null;
    given: ResolutionFields | null;
  };
  const { rows } = await db.query<Row>({
    name: 'originals',
    text: `
      select s.id, s.digest, e.event_id as "eventId", e.type, e.stream as "locationId", e.shard, e.position,
             e.recorded_at at time zone 'UTC' as "recordedAt",
             case e.type when 'claim.retracted' then b.event ->> 'statementId' else s.id::text end as "statementId",
             case when e.type <> 'claim.retracted' and b.event is not null then json_build_object(
               'location', b.event #> '{data,location}', 'resolution', b.event #> '{data,resolution}'
             ) end as given
      from claimline.statement_ids s join claimline.events e on e.event_id = s.event_id
      cross join lateral (select case when e.body is json object then e.body::json end as event offset 0) b
      where s.id = any($1::uuid[])`,
    values: [ids],
    types,
  });
  const lost = rows.find(({ statementId }) => statementId === null);
  if (lost) throw new UnreadableEvent(lost, lost.eventId, 'the text of a retraction is damaged');
  return new Map(
    rows.map(({ given, ...row }) => [
      row.id,
      { ...row, statementId: row.statementId!, ...(given && { resolution: foundBy(given, row.locationId) }) },
    ]),
  );
}

/** The resolution of a place as an event keeps it. */
interface ResolutionFields {
  location: PlaceReference;
  resolution?: Resolution | null;
}

const foundBy = ({ location, resolution }: ResolutionFields, stream: LocationId): Resolution =>
  resolution ?? plainResolution(location, stream);

/**
 * The answer to a known id: the original's receipt if the content is the same, else `statement-conflict`.
 * @param type of the event that would have been made
 */
export function answerDuplicate(
  { id, digest, ...original }: ExistingRecord,
  again: Buffer,
  type: EventType,
): Result<Receipt> {
  return digest === again.toString('hex') ? accept({ ...original, duplicate: true }) : conflict(id, type);
}

export const conflict = (id: string, type: EventType) =>
  refuse('statement-conflict', `${id} is recorded already, with other content`, [
    {
      pointer: type === 'claim.retracted' ? '/retractionId' : '/statementId',
      detail: 'is taken by other content',
    },
  ]);
