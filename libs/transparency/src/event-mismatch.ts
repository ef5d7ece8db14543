import { parseUuid, shardOf, type NewEvent } from '#libs/domain';
import type { CopiedEvent } from './event-copy-reader.js';

/** An id of a statement or retraction, and the event that recorded it. */
export interface IdOfEvent {
  id: string;
  eventId: string;
  position: number;
}

interface NamedColumns {
  eventId: string;
  statementId?: string | undefined;
  stream: string;
  type: string;
}

// The fields after the data in canonical JSON, whose names are sorted. Parsing the whole body costs five times as much.
const END =
  /,"eventId":"([^"\\]*)","schemaVersion":\d+,(?:"statementId":"([0-9a-f-]{36})",)?"stream":"([^"\\]*)","type":"([^"\\]*)"\}$/;
/** The bytes at the end of a body that contain it. */
const END_BYTES = 400;

const CHECKED_COLUMNS = ['eventId', 'type', 'stream'] as const;

/**
 * The first difference between the columns of an event and its body; undefined if there is none.
 * @param ids receives the id of its statement or retraction
 */
export function columnMismatch(
  event: CopiedEvent,
  shard: number,
  shards: number,
  ids: IdOfEvent[],
): string | undefined {
  const { position, body } = event;
  let said = bodyEnd(body);
  let whole: NewEvent | undefined;
  if (
    !said ||
    said.type === RETRACTION ||
    CHECKED_COLUMNS.some((column) => said![column] !== event[column])
  ) {
    said = whole = parsed(body);
    if (!said) return 'has a body that is not JSON';
  }
  for (const column of CHECKED_COLUMNS)
    if (said[column] !== event[column]) return `has a column ${column} that differs from its body`;
  if (shardOfStream(event.stream, shards) !== shard) return 'is in a shard that is not its stream’s';
  const id =
    whole?.type === RETRACTION
      ? whole.data.retractionId
      : said.type.startsWith('claim.')
        ? said.statementId
        : undefined;
  if (id === undefined) return undefined;
  if (whole && parseUuid(id) !== id) return `has an id, ${id}, that is not valid`;
  ids.push({ id, eventId: event.eventId, position });
  return undefined;
}

function parsed(body: Buffer): NewEvent | undefined {
  try {
    return JSON.parse(body.toString()) as NewEvent;
  } catch {
    return undefined;
  }
}

const RETRACTION = 'claim.retracted';

function bodyEnd(body: Buffer): NamedColumns | undefined {
  const [, eventId, statementId, stream, type] =
    END.exec(body.toString('latin1', Math.max(0, body.length - END_BYTES))) ?? [];
  return eventId === undefined ? undefined : { eventId, statementId, stream: stream!, type: type! };
}

/** Streams recur; the shards of this many are kept. */
const MAX_REMEMBERED_STREAMS = 10_000;
const known = { shards: 0, of: new Map<string, number>() };

function shardOfStream(stream: string, shards: number): number {
  if (known.shards !== shards || known.of.size > MAX_REMEMBERED_STREAMS)
    Object.assign(known, { shards, of: new Map() });
  let shard = known.of.get(stream);
  if (shard === undefined) known.of.set(stream, (shard = shardOf(stream, shards)));
  return shard;
}
