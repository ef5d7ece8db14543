import {
  fold,
  interpret,
  type BitemporalPoint,
  type Instant,
  type LocationId,
  type Predicate,
  type RecordedStatement,
  type Ruleset,
  type SideKey,
  type Stance,
} from '#libs/domain';
import { placeLookup, readComponents, readFirstStatement, STATEMENT_ORDER, urlHash } from '#libs/projection';
import { Conditions } from '../conditions.js';
import { basisOf, readMembership, reportBasis, type QueryOptions } from '../freshness/basis.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../page.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import type { StatementItem } from './statement-item.js';
import {
  followsKey,
  SELECTED_ROW,
  keyOf,
  ORDER_TYPES,
  NEWEST_FIRST,
  pageOfStatements,
  quotes,
  parsed,
  TIMELINE_ROW,
  statedBetween,
  type RawRow,
} from './statement-rows.js';

/** Selects statements of a place; times are of statedAt. */
export interface TimelineFilter extends BitemporalPoint {
  from?: Instant;
  to?: Instant;
  stance?: Stance;
  /** The speaker's side, or a party of it, by id or name; `independent:` with an origin for an independent. */
  side?: string;
  predicate?: Predicate;
  /** The name of the speaker, compared folded. */
  speaker?: string;
  /** The speaker's party, by id or name. */
  party?: string;
  /** Compared folded. */
  outlet?: string;
  url?: string;
  /** Words of the quote: each must occur, as a word or the beginning of one, folded. */
  text?: string;
  /** By the total order of statements. */
  order?: 'asc' | 'desc';
}

/** Every statement about a place and those merged into it, as the moment sees it; undefined if the place was not known then. */
export class GetTimeline extends Query<Page<StatementItem> | CursorInvalid | undefined> {
  constructor(
    readonly id: string,
    readonly filter: TimelineFilter,
    readonly page: PageRequest,
    readonly options: QueryOptions = {},
  ) {
    super();
  }
}

export class GetTimelineHandler implements QueryHandler<GetTimeline> {
  constructor(private readonly models: ReadModels) {}

  execute({ id, filter, page, options: { ruleset, onBasis } }: GetTimeline) {
    return this.models.read(async (tx) => {
      const present = await readMembership(tx, id);
      const members = filter.knownAt ? await readMembersAt(tx, id, filter.knownAt) : present?.members;
      if (!present || !members) return undefined;
      const found = await listTimeline(tx, id, members, filter, page);
      reportBasis(found, page, onBasis, basisOf(present, tx.ruleset), (fix) =>
        timelineQuestion(id, { ...filter, ...fix(filter) }, tx.ruleset.version),
      );
      return found;
    }, ruleset);
  }
}

/** The place `id`, or the one it was merged into by then, with those merged into it; undefined if it was not known. */
async function readMembersAt(
  { db, schema }: ReadTransaction,
  id: string,
  knownAt: Instant,
): Promise<LocationId[] | undefined> {
  const rows = await readComponents(db, schema, [id as LocationId]);
  const ids = rows.map((row) => row.id);
  const look = placeLookup(rows, await readFirstStatement(db, schema, ids, knownAt), knownAt);
  return look(id as LocationId)?.places.map((place) => place.id);
}

/** The question for a timeline. */
const timelineQuestion = (
  id: string,
  { order = 'asc', asOf, knownAt, ...filter }: TimelineFilter,
  ruleset?: string,
): object => ({ list: 'timeline', id, order, ...filter, asOf, knownAt, ruleset });

/** The most statements read for one page of a side or a party by another ruleset: the page may be short while there are more. */
const MAX_READ = 1000;

/** A page of the statements that were recorded on some places, including retracted and voided ones. */
async function listTimeline(
  tx: ReadTransaction,
  id: string,
  members: readonly string[],
  { order = 'asc', ...filter }: TimelineFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StatementItem> | CursorInvalid> {
  const { db, schema, ruleset, requested, isOwn } = tx;
  const cursors = new PageCursors(timelineQuestion(id, { order, ...filter }, requested), ORDER_TYPES);
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const { from, to, stance, predicate, speaker, outlet, url, text, asOf, knownAt } = filter;
  const side = filter.side === undefined ? undefined : sideKey(filter.side, ruleset);
  const party = filter.party === undefined ? undefined : ruleset.party(filter.party).key;
  // Sides and parties in the table are of its own ruleset: for another one every statement has to be read.
  const isInTable = isOwn || (side ?? party) === undefined;
  const looked = isInTable ? limit + 1 : MAX_READ;
  const where = new Conditions();
  const places = where.value(members);
  where
    .and('t.location_id = m.id')
    .given(stance, (one) => `t.stance = ${one}`)
    .given(predicate, (one) => `t.predicate = ${one}`)
    .given(speaker === undefined ? undefined : fold(speaker), (one) => `t.speaker = ${one}`)
    .given(outlet === undefined ? undefined : fold(outlet), (one) => `t.outlet = ${one}`)
    .given(url === undefined ? undefined : urlHash(url), (one) => `t.url_hash = ${one}::uuid`)
    .given(isOwn ? side : undefined, (one) => `t.side = ${one}`)
    .given(isOwn ? party : undefined, (one) => `t.party = ${one}`)
    .given(asOf, (at) => `t.stated_at <= ${at}::timestamptz`)
    .given(knownAt, (at) => `t.recorded_at <= ${at}::timestamptz`);
  quotes(where, text, true);
  statedBetween(where, from, to);
  followsKey(where, after, order);
  const ordered = order === 'asc' ? STATEMENT_ORDER : NEWEST_FIRST;
  const most = where.value(looked);
  const { rows } = await db.query<RawRow>(
    `select ${SELECTED_ROW} from unnest(${places}::text[]) m (id)
     cross join lateral (
       select ${TIMELINE_ROW}, ${STATEMENT_ORDER} from ${schema}.timeline t where ${where.toString()}
       order by ${ordered} limit ${most}
     ) t
     order by ${ordered} limit ${most}`,
    where.values,
  );
  if (isInTable) return pageOfStatements(tx, cursors, rows, limit, { asOf, knownAt });
  const those = rows.filter(({ said }) => {
    const spoke = interpret(JSON.parse(said) as RecordedStatement, ruleset);
    return (side ?? spoke.side) === spoke.side && (party ?? spoke.speaker) === spoke.speaker;
  });
  const page = await pageOfStatements(tx, cursors, those, limit, { asOf, knownAt });
  return page.nextCursor === null && rows.length === looked
    ? { ...page, nextCursor: cursors.after(keyOf(parsed(rows.at(-1)!))) }
    : page;
}

const INDEPENDENT = 'independent:';

const sideKey = (given: string, ruleset: Ruleset): SideKey =>
  given.startsWith(INDEPENDENT)
    ? `independent:${fold(given.slice(INDEPENDENT.length))}`
    : ruleset.party(given).side;
