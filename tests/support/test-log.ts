import { readFileSync } from 'node:fs';
import {
  applyToPlace,
  claimEvent,
  decideCorrection,
  decideVoiding,
  decidePlaceCommand,
  decideRetraction,
  isClaim,
  isRegister,
  parseRetraction,
  parseRuleset,
  parseStatement,
  provisionalId,
  shardOf,
  unregistered,
  type ClaimEvent,
  type EventId,
  type LaterEvent,
  type LocationId,
  type NewEvent,
  type Place,
  type RecordedEvent,
  type PlaceCommand,
  type Ruleset,
} from '#libs/domain';
import type { LogArchive } from '#libs/projection';
import { Random } from './random.js';

export const NOW = '2026-01-01T00:00:00.000Z';

export const ruleset: Ruleset = (() => {
  const parsed = parseRuleset(JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ruleset;
})();

type Claim = ClaimEvent & RecordedEvent;

/** A log in memory that keeps the store's promises: positions without gaps, a clock that never goes back. */
export class TestLog implements LogArchive {
  readonly events: RecordedEvent[] = [];
  private readonly byShard = new Map<number, RecordedEvent[]>();
  private readonly places = new Map<LocationId, Place>();
  private clock = Date.parse(NOW);

  constructor(
    readonly random = new Random(1),
    readonly shards = 4,
    /** The probability that an event has the time of the one before: events of one append have one time, over shards too. */
    private readonly together = 0,
  ) {}

  append<T extends NewEvent>(event: T, at?: number): T & RecordedEvent {
    const shard = shardOf(event.stream, this.shards);
    const before = this.byShard.get(shard) ?? [];
    const recordedAt = new Date(
      at ?? (this.clock += this.random.chance(this.together) ? 0 : this.random.int(1, 5000)),
    ).toISOString();
    const recorded = {
      ...event,
      shard,
      position: before.length + 1,
      recordedAt,
      digest: '',
      chain: '',
    } as T & RecordedEvent;
    this.byShard.set(shard, [...before, recorded]);
    this.events.push(recorded);
    return recorded;
  }

  /** Records a statement on a place: the smallest one, with some fields replaced. */
  claim(place: string, fields: Record<string, unknown> = {}): Claim {
    return this.append(this.made(place, fields));
  }

  /** @param fields `signature` is who sends it */
  private made(place: string, { signature, ...fields }: Record<string, unknown>): ClaimEvent {
    const parsed = parseStatement(
      {
        statementId: this.random.uuid(),
        stance: 'assert',
        claim: { predicate: 'controls', actor: 'russia' },
        location: { id: place },
        speaker: { party: 'russia' },
        statedAt: '2025-11-20',
        ...fields,
      },
      NOW,
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
    return claimEvent(
      { ...parsed.value, signature: signature as string | undefined },
      place as LocationId,
      'salt',
    );
  }

  retract(claim: Claim, statedAt: string, fields: object = {}): RecordedEvent<'claim.retracted'> {
    const { speaker, via, source } = claim.data;
    const parsed = parseRetraction(
      claim.statementId!,
      {
        retractionId: this.random.uuid(),
        speaker,
        via,
        source: { outlet: source?.outlet ?? 'wire.example' },
        statedAt,
        ...fields,
      },
      NOW,
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
    const decided = decideRetraction(parsed.value, claim, ruleset, this.newId(), 'salt');
    if (!decided.ok) throw new Error(decided.refusal.code);
    return this.append(decided.value);
  }

  /** Voids a statement or (with its id) a retraction, or reinstates it; records nothing if that changes nothing. */
  mark(
    { stream, statementId }: Claim,
    voided: boolean,
    retractionId?: string,
    reason = 'a mistake',
  ): RecordedEvent | undefined {
    const target = {
      stream,
      statementId: statementId!,
      later: this.laterOf(statementId!),
      ...(retractionId && { retractionId }),
    };
    const decided = decideVoiding(voided, target, { by: 'curator', reason }, this.newId());
    return 'event' in decided ? this.append(decided.event) : undefined;
  }

  /** Records a statement on a place in place of another one, at one time; undefined if it is refused. */
  correct(
    { stream, statementId }: Claim,
    place: string,
    fields: Record<string, unknown> = {},
  ): Claim | undefined {
    const target = { stream, statementId: statementId!, later: this.laterOf(statementId!) };
    const decided = decideCorrection(
      { by: 'curator', reason: 'a mistake' },
      target,
      this.made(place, fields),
    );
    if (!decided.ok) return undefined;
    const claim = this.append(decided.value.claim);
    this.append(decided.value.voided, Date.parse(claim.recordedAt));
    return claim;
  }

  private laterOf = (id: string): LaterEvent[] =>
    this.events.filter(
      (event): event is RecordedEvent & LaterEvent =>
        !isRegister(event) && !isClaim(event) && event.statementId === id,
    );

  /** A command to the register; a refused one is skipped. */
  command(command: { id: string; kind: string } & Record<string, unknown>): RecordedEvent[] {
    const decided = decidePlaceCommand(command as unknown as PlaceCommand, this.places, this.newId);
    if (!decided.ok) return [];
    return decided.value.map((event) => {
      const { locationId } = event.data;
      this.places.set(
        locationId,
        applyToPlace(this.places.get(locationId) ?? unregistered(locationId), event),
      );
      return this.append(event);
    });
  }

  /** Adds a provisional place to the register, as a first mention does. */
  mention(id: string): LocationId {
    const place = id as LocationId;
    if (!this.places.has(place)) this.places.set(place, unregistered(place));
    return place;
  }

  async heads() {
    return Array.from({ length: this.shards }, (_, shard) => {
      const last = this.byShard.get(shard)?.at(-1);
      return { shard, position: last?.position ?? 0, recordedAt: last?.recordedAt ?? null };
    });
  }

  async readShard(shard: number, after: number, limit: number): Promise<RecordedEvent[]> {
    return structuredClone((this.byShard.get(shard) ?? []).slice(after, after + limit));
  }

  async *readByStream(shard: number, upTo: number): AsyncGenerator<RecordedEvent[]> {
    const events = structuredClone(this.of(shard).slice(0, upTo)).toSorted((a, b) =>
      a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.position - b.position,
    );
    for (let at = 0; at < events.length; at += 7) yield events.slice(at, at + 7);
  }

  readStored(shard: number, after: number, limit: number): Promise<RecordedEvent[]> {
    return this.readShard(shard, after, limit);
  }

  of(shard: number): readonly RecordedEvent[] {
    return this.byShard.get(shard) ?? [];
  }

  private readonly newId = () => this.random.uuid() as EventId;
}

const VOICES = [
  { speaker: { party: 'russia' } },
  { speaker: { party: 'russia', name: 'Valery Gerasimov', role: 'Chief of the General Staff' } },
  { speaker: { party: 'DNR' } },
  { speaker: { party: 'ukraine' } },
  { speaker: { party: 'Ukrainian military', name: 'A spokesman' }, via: ['wire.example'] },
  { speaker: { party: 'Free Legion' } },
  { speaker: { name: 'First monitor' } },
  { speaker: { name: 'Second monitor' } },
  { source: { outlet: 'Frontline.example', url: 'https://frontline.example/a' }, via: ['valery gerasimov'] },
];
const EXTENTS = [
  { op: '>', percent: 80 },
  { op: '=', percent: 80 },
  { op: '>=', percent: 100 },
  { part: 'north' },
];
const NAMES = ['Kupyansk', 'Kupiansk', "Куп'янськ", 'Volchansk', 'Vovchansk', 'Bila-Krynytsia'];

/**
 * A random log with every type of event, about half of them on the same few places; the same seed gives the same log.
 * @param corrections the weight of corrections among the events
 */
export function seedLog(seed: number, steps = 120, corrections = 0): TestLog {
  const random = new Random(seed);
  const log = new TestLog(random, random.int(1, 5), 0.3);
  const ids = Array.from({ length: 6 }, (_, at) => `place-${at}`);
  const claims: Claim[] = [];
  const retractions: { claim: Claim; id: string }[] = [];
  const day = () => `2025-11-${String(random.int(1, 12)).padStart(2, '0')}`;

  const weighted: [weight: number, step: () => void][] = [
    [10, () => void claims.push(log.claim(log.mention(random.pick(ids)), said()))],
    [
      3,
      () => {
        const name = random.pick(NAMES);
        const id = provisionalId(name, 'UA');
        if (!ids.includes(id)) ids.push(id);
        claims.push(
          log.claim(log.mention(id), {
            ...said(),
            location: {
              name,
              country: 'UA',
              ...(random.chance(0.4) && { coordinates: [random.int(-180, 180), random.int(-90, 90)] }),
            },
          }),
        );
      },
    ],
    [
      2,
      () => {
        const claim = claims.length > 0 ? random.pick(claims) : undefined;
        if (claim) retractions.push({ claim, id: log.retract(claim, day()).data.retractionId });
      },
    ],
    [2, () => claims.length > 0 && log.mark(random.pick(claims), random.chance(0.6))],
    [
      corrections,
      () => {
        const right =
          claims.length > 0 && log.correct(random.pick(claims), log.mention(random.pick(ids)), said());
        if (right) claims.push(right);
      },
    ],
    [
      corrections,
      () => claims.length > 0 && log.mark(random.pick(claims), true, undefined, 'another mistake'),
    ],
    [
      1,
      () => {
        if (retractions.length === 0) return;
        const { claim, id } = random.pick(retractions);
        log.mark(claim, random.chance(0.6), id);
      },
    ],
    [
      2,
      () =>
        log.command({
          kind: 'reconcile',
          id: random.pick(ids),
          names: [{ name: random.pick(NAMES), language: 'en' }],
          country: 'UA',
          ...(random.chance(0.5) && { region: 'Kharkiv' }),
        }),
    ],
    [
      1,
      () =>
        log.command({
          kind: 'add-name',
          id: random.pick(ids),
          toponym: { name: random.pick(NAMES), kind: 'alias' },
        }),
    ],
    [1, () => log.command({ kind: 'remove-name', id: random.pick(ids), name: random.pick(NAMES) })],
    [
      1,
      () =>
        log.command({
          kind: 'position',
          id: random.pick(ids),
          coordinates: [random.int(-180, 180), random.int(-90, 90)],
        }),
    ],
    [3, () => log.command({ kind: 'merge', id: random.pick(ids), into: random.pick(ids) })],
    [2, () => log.command({ kind: 'unmerge', id: random.pick(ids) })],
  ];
  const drawn = weighted.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));

  function said(): Record<string, unknown> {
    const predicate = random.pick([
      'captured',
      'controls',
      'captured',
      'controls',
      'lost',
      'withdrew',
      'encircled',
      'entered',
      'fighting',
    ]);
    return {
      ...random.pick(VOICES),
      stance: random.chance(0.7) ? 'assert' : 'deny',
      claim: {
        predicate,
        ...(predicate !== 'fighting' && { actor: random.pick(['russia', 'dnr', 'ukraine', 'Free Legion']) }),
        ...(random.chance(0.2) && { extent: random.pick(EXTENTS) }),
        ...(random.chance(0.1) && { modality: 'intended' }),
      },
      statedAt: day(),
    };
  }

  for (let step = 0; step < steps; step++) random.pick(drawn)();
  return log;
}
