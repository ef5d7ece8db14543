import { readFileSync } from 'node:fs';
import { InMemoryProjection } from '../../../tests/support/in-memory-projection.js';
import { claimEvent, decideRetraction, voidingEvent, type LaterEvent } from '../src/decisions/decide.js';
import { decideCorrection } from '../src/decisions/correction.js';
import {
  isClaim,
  isRegister,
  type ClaimEvent,
  type NewEvent,
  type RecordedEvent,
  type RegisterEvent,
} from '../src/events/events.js';
import { locationState, type LocationState } from '../src/state/location-state.js';
import { parseRetraction, parseStatement, type Statement } from '../src/statement/statement.js';
import { parseRuleset, type Ruleset } from '../src/ruleset.js';
import { sha256, shardOf, type EventId, type LocationId } from '../src/values/identity.js';
import { type BitemporalPoint } from '../src/state/derive.js';

export const NOW = '2026-01-01T00:00:00.000Z';
export const PLACE = 'place-1' as LocationId;
export const SHARDS = 4;

export const ruleset: Ruleset = (() => {
  const parsed = parseRuleset(JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ruleset;
})();

/** "russia asserts captured(russia) 2025-11-20": the smallest statement. More fields are merged in. */
export interface Line {
  party?: string;
  name?: string;
  stance?: 'assert' | 'deny';
  predicate: string;
  actor?: string;
  statedAt: string;
  extent?: unknown;
  modality?: string;
  certainty?: string;
  via?: string[];
  outlet?: string;
  publishedAt?: string;
  id?: string;
  /** The name that it gives the place, instead of an id. */
  named?: string | undefined;
  /** The coordinates that it gives the place. */
  coordinates?: [number, number] | undefined;
}

export function statement({
  party,
  name,
  stance = 'assert',
  predicate,
  actor,
  statedAt,
  extent,
  modality,
  certainty,
  via,
  outlet,
  publishedAt,
  id,
  named,
  coordinates,
}: Line): Statement {
  const parsed = parseStatement(
    JSON.parse(
      JSON.stringify({
        statementId: id,
        stance,
        claim: { predicate, actor, extent, modality, certainty },
        location: { ...(named === undefined ? { id: PLACE } : { name: named }), coordinates },
        speaker: party === undefined && name === undefined ? undefined : { party, name },
        via,
        statedAt,
        source: outlet === undefined && publishedAt === undefined ? undefined : { outlet, publishedAt },
      }),
    ),
    NOW,
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.value;
}

/** An event store in a few lines: positions by shard, and a clock that advances by a second for each event. */
export class Log {
  readonly events: RecordedEvent[] = [];
  private readonly ids = new Set<string>();
  private readonly heads = new Map<number, number>();
  private serial = 0;

  constructor(private clock = Date.parse(NOW)) {}

  append(event: NewEvent): RecordedEvent | undefined {
    if (this.ids.has(event.eventId)) return undefined;
    this.ids.add(event.eventId);
    const shard = shardOf(event.stream, SHARDS);
    const position = (this.heads.get(shard) ?? 0) + 1;
    this.heads.set(shard, position);
    const recordedAt = new Date((this.clock += 1000)).toISOString();
    const recorded = { ...event, shard, position, recordedAt, digest: '', chain: '' };
    this.events.push(recorded);
    return recorded;
  }

  claim(line: Line, place = PLACE): ClaimEvent & RecordedEvent {
    return this.append(claimEvent(statement(line), place, 'salt')) as ClaimEvent & RecordedEvent;
  }

  retract(claim: ClaimEvent, party: string, statedAt: string): RecordedEvent {
    const parsed = parseRetraction(claim.statementId!, { speaker: { party }, statedAt }, NOW);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
    const decided = decideRetraction(parsed.value, claim, ruleset, this.newId(), 'salt');
    if (!decided.ok) throw new Error(decided.refusal.code);
    return this.append(decided.value)!;
  }

  mark({ stream, statementId }: ClaimEvent, voided: boolean, retractionId?: string): RecordedEvent {
    return this.append(
      voidingEvent(
        voided,
        { stream, statementId: statementId!, ...(retractionId && { retractionId }) },
        { by: 'curator', reason: 'a mistake' },
        this.newId(),
      ),
    )!;
  }

  /** Records a statement in place of another one, both at one time; undefined if it is refused, or the statement is known. */
  correct(
    { stream, statementId }: ClaimEvent,
    line: Line,
    place = PLACE,
  ): (ClaimEvent & RecordedEvent) | undefined {
    const claim = claimEvent(statement(line), place, 'salt');
    const decided = decideCorrection(
      { by: 'curator', reason: 'a mistake' },
      { stream, statementId: statementId!, later: this.laterOf(statementId!) },
      claim,
    );
    if (!decided.ok || this.ids.has(claim.eventId)) return undefined;
    const recorded = this.append(decided.value.claim);
    this.clock -= 1000;
    this.append(decided.value.voided);
    return recorded as ClaimEvent & RecordedEvent;
  }

  /** The events about a statement. */
  laterOf = (id: string): (LaterEvent & RecordedEvent)[] =>
    this.events.filter(
      (event): event is LaterEvent & RecordedEvent =>
        !isRegister(event) && !isClaim(event) && event.statementId === id,
    );

  register(type: RegisterEvent['type'], data: object): RecordedEvent {
    return this.append({
      eventId: this.newId(),
      type,
      schemaVersion: 1,
      stream: 'register',
      data,
    } as RegisterEvent)!;
  }

  newId = (): EventId => `event-${(this.serial += 1)}` as EventId;
}

export function fold(events: Iterable<RecordedEvent>): InMemoryProjection {
  const projection = new InMemoryProjection();
  for (const event of events) projection.append(event);
  return projection;
}

export const stateOf = (
  events: Iterable<RecordedEvent>,
  point: BitemporalPoint = {},
  place = PLACE,
): LocationState => locationState(fold(events).history(place, point), ruleset, point).state;

/** The state after some lines, in the order given; verified to be the same in the reverse order. */
export function stateAfter(
  ...lines: Line[]
): LocationState & { flagNames: string[]; holders: Record<string, string> } {
  const log = new Log();
  lines.forEach((line) => log.claim(line));
  const state = stateOf(log.events);
  const back = new Log();
  lines.toReversed().forEach((line) => back.claim(line));
  expectSame(state, stateOf(back.events));
  return {
    ...state,
    flagNames: [...new Set(state.flags.map(({ flag }) => flag))].filter((flag) => flag !== 'provisional'),
    holders: Object.fromEntries(state.control.map(({ holder, standing }) => [holder, standing])),
  };
}

function expectSame(a: LocationState, b: LocationState): void {
  if (JSON.stringify(content(a)) !== JSON.stringify(content(b)))
    throw new Error('the order of arrival changed the state');
}

/** A state without the fields of the log: positions and times of recording. */
export const content = ({
  token: _token,
  lastRecordedAt: _at,
  asOf: _asOf,
  knownAt: _knownAt,
  ...rest
}: LocationState) => rest;

export const digestOf = (value: unknown): string => sha256(JSON.stringify(value)).toString('hex');
