import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  applyToPlace,
  claimEvent,
  decidePlaceCommand,
  fold,
  locationState,
  parseBody,
  parseRuleset,
  parseStatement,
  placeSchema,
  resolve,
  shardOf,
  unregistered,
  type EventId,
  type PlaceMatch,
  type LocationId,
  type LocationState,
  type NewEvent,
  type Result,
  type Place,
  type PlaceReference,
} from '#libs/domain';
import { InMemoryProjection } from '../support/in-memory-projection.js';

const SAMPLE = 'examples/kupiansk-2025-11';
const NOW = '2025-11-22T00:00:00.000Z';
const SHARDS = 16;

const linesOf = (file: string): unknown[] =>
  readFileSync(`${SAMPLE}/${file}`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

function must<T>(outcome: Result<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value;
}

const ruleset = (() => {
  const parsed = parseRuleset(JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ruleset;
})();

/** The sample recorded in memory: the gazetteer first, then every statement at the place that its name means. */
class Recording {
  readonly projection = new InMemoryProjection();
  readonly register = new Map<LocationId, Place>();
  private readonly heads = new Map<number, number>();
  private serial = 0;

  gazetteer(): number {
    const events = linesOf('gazetteer.ndjson').flatMap((line) => {
      const {
        id,
        by: _by,
        reason: _reason,
        ...facts
      } = must(parseBody(placeSchema, line, 'location-invalid'));
      const made = must(
        decidePlaceCommand(
          { kind: 'reconcile', id: id!, ...facts },
          this.register,
          () => `event-${(this.serial += 1)}` as EventId,
        ),
      );
      for (const event of made)
        this.register.set(id!, applyToPlace(this.register.get(id!) ?? unregistered(id!), event));
      return made;
    });
    events.forEach((event) => this.append(event));
    return events.length;
  }

  statements(): number {
    const statements = linesOf('statements.ndjson').map((line) => must(parseStatement(line, NOW)));
    for (const statement of statements)
      this.append(claimEvent(statement, this.placeOf(statement.content.location), 'salt'));
    return new Set(statements.map(({ id }) => id)).size;
  }

  placeOf(reference: PlaceReference): LocationId {
    if (reference.id !== undefined) return reference.id;
    const byName: PlaceMatch[] = [...this.register.values()]
      .filter(({ names }) => names.some(({ name }) => fold(name) === fold(reference.name!)))
      .map(({ id, countries, region, coordinates }) => ({
        id,
        root: id,
        countries,
        region,
        coordinates,
        around: [],
      }));
    const found = must(resolve(reference, { byName, byCode: [], named: () => [] }));
    return 'id' in found ? found.id : found.fresh;
  }

  state = (name: string): LocationState =>
    locationState(this.projection.history(this.idOf(name)), ruleset).state;

  // A name as a statement gives it: inside the region, or without one where the sample does not know it.
  private readonly idOf = (name: string): LocationId => {
    const inside = this.placeOf({ name, region: 'Kharkiv', country: 'UA' });
    return this.register.has(inside) ? inside : this.placeOf({ name, country: 'UA' });
  };

  private append(event: NewEvent): void {
    const shard = shardOf(event.stream, SHARDS);
    const position = (this.heads.get(shard) ?? 0) + 1;
    this.heads.set(shard, position);
    this.projection.append({ ...event, shard, position, recordedAt: NOW, digest: '' });
  }
}

const recording = new Recording();
const registered = recording.gazetteer();
const recorded = recording.statements();

/** The README's table of places: the cells of each row, without backticks. */
const table = readFileSync(`${SAMPLE}/README.md`, 'utf8')
  .split('\n')
  .filter((line) => /^\| .*(gn-|a UUID)/.test(line))
  .map((line) =>
    line
      .replaceAll('`', '')
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** A place's row as the README should have it. */
const rowOf = (name: string, { id, status, rule, since, flags }: LocationState) => [
  name,
  recording.register.has(id) ? id : 'a UUID',
  status,
  rule,
  `${Number(since!.slice(8, 10))} Nov`,
  flags.map(flagOf).join(', '),
];

const flagOf = ({ flag, holder, assertedBy, deniedBy }: LocationState['flags'][number]) =>
  [
    flag,
    holder ? ` of ${holder}` : '',
    assertedBy.length > 0 ? ` by ${assertedBy.join()}` : '',
    deniedBy.length > 0 ? `, denied by ${deniedBy.join()}` : '',
  ].join('');

describe('the sample of Kupiansk, November 2025', () => {
  test('has 8 places and 16 statements, none of them twice', () => {
    expect([registered, recorded]).toEqual([8, 16]);
  });

  test.each(table)('%s is as the README says', (...row) => {
    expect(rowOf(row[0]!, recording.state(row[0]!))).toEqual(row);
  });

  test('the README names every place, and no other', () => {
    const named = table.map(([name]) => recording.state(name!).id);
    expect(named).toHaveLength(11);
    expect(named.toSorted()).toEqual(recording.projection.roots().toSorted());
  });

  test('Russia and Ukraine both claim Kupyansk; before 21 November only Russia did', () => {
    const { state, history } = locationState(
      recording.projection.history('gn-703656' as LocationId),
      ruleset,
    );
    expect(
      state.control.map(({ holder, standing, assertedBy }) => [
        holder,
        standing,
        assertedBy.map(({ party }) => party),
      ]),
    ).toEqual([
      ['russia', 'claimed', ['dnr', 'russia']],
      ['ukraine', 'claimed', ['ukraine']],
    ]);
    expect(history.map(({ status, holders }) => [status, ...holders])).toEqual([
      ['claimed', 'russia'],
      ['contested', 'russia', 'ukraine'],
    ]);
  });

  test('two spellings are one place', () => {
    for (const [one, other] of [
      ['Kurilivka', 'Kurylivka'],
      ['Kupyansk', 'Kupiansk'],
      ['Купянск', "Куп'янськ"],
      ['Volchansk', 'Vovchansk'],
      ['Glushkovka', 'Hlushkivka'],
      ['Kovsharovka', 'Kivsharivka'],
      ['Kupyansk-Uzlovoy', 'Kupiansk-Vuzlovyi'],
      ['Харьковская область', 'Kharkiv Oblast'],
    ] as const)
      expect([one, recording.state(one).id]).toEqual([one, recording.state(other).id]);
  });

  test('the places that no gazetteer knows are provisional, without coordinates or a region', () => {
    for (const name of ['left bank of the Oskol River', 'Petrovsk', 'Kurilovsk']) {
      const state = recording.state(name);
      expect(state).toMatchObject({ name, coordinates: null, country: 'UA', region: null });
      expect(state.flags.map(({ flag }) => flag)).toContain('provisional');
    }
  });

  test('a gazetteer read again changes nothing', () => {
    expect(recording.gazetteer()).toBe(0);
  });
});
