import { provisionalId } from '#libs/domain';
import { Random } from '../random.js';
import { War } from '../war.js';
import { DAY_MS, HOUR_MS, type Happening, type NamedStatement } from './happening.js';
import { Siege, type Utterance } from './siege.js';
import { CAMPS, OUTLETS, WITNESSES } from './voices.js';

export interface Course {
  seed: number;
  /** Places that something is said about. One of ten is in no register at first, and merged into a registered one later. */
  places: number;
  statements: number;
  /** The first day, and how many there are. */
  from: string;
  days: number;
}

const MINUTE_MS = 60_000;
const CURATOR = 'curator';

/**
 * The requests to the service in the days of a war, in the order of arrival, the same for the same seed: what several
 * sides say about places, often late; what they take back; what a curator voids, reinstates, merges and unmerges.
 */
export function warOverTime(course: Course): Happening[] {
  const { seed, places, statements, days } = course;
  const random = new Random(seed);
  const begin = Date.parse(`${course.from}T00:00:00Z`);
  const end = begin + days * DAY_MS;
  const unknown = Math.floor(places / 10);
  const war = new War(random, { places, unknown });
  const registered = war.registered;
  const happenings: Happening[] = Array.from({ length: registered }, (_, at) => ({
    at: begin,
    kind: 'place',
    place: war.place(at),
  }));
  const sieges = Array.from({ length: places }, (_, at) => siegeOf(random.branch(at), begin, end));
  const mentioned = new Map<number, number>();
  for (let number = 1; number <= statements; number++) {
    const at = somewhere(random, places);
    const statement = statementOf(random, sieges[at]!.utterance(), war.reference(at), number);
    const recorded = Math.min(end - MINUTE_MS, Date.parse(statement.source.publishedAt) + delay(random));
    happenings.push(
      { at: recorded, kind: 'statement', statement },
      ...afterwards(random, statement, recorded, end),
    );
    if (at >= registered) mentioned.set(at, Math.min(recorded, mentioned.get(at) ?? recorded));
  }
  for (const [at, first] of mentioned) happenings.push(...resolved(random, war, at, first, end));
  // What comes at the same moment keeps its order: places before what is said about them.
  return happenings.toSorted((a, b) => a.at - b.at);
}

function siegeOf(random: Random, begin: number, end: number): Siege {
  const [russia, ukraine, legion] = CAMPS;
  const which = random.next();
  if (which < 0.75) return new Siege(random, russia, ukraine, begin, end);
  return which < 0.95
    ? new Siege(random, ukraine, russia, begin, end)
    : new Siege(random, legion, russia, begin, end);
}

/** A few places are spoken of often, most now and then. */
const somewhere = (random: Random, places: number) =>
  random.chance(0.3)
    ? random.int(0, Math.min(places, 10 + Math.floor(places / 100)) - 1)
    : random.int(0, places - 1);

function statementOf(
  random: Random,
  { at, voice, stance, claim }: Utterance,
  location: NamedStatement['location'],
  number: number,
): NamedStatement {
  const outlet = random.pick(OUTLETS);
  const published = at + random.int(1, 50) * MINUTE_MS;
  return {
    statementId: random.uuid(),
    stance,
    claim,
    location,
    speaker: random.pick(voice?.voices ?? WITNESSES),
    ...(random.chance(0.15) && { via: [random.pick(OUTLETS)] }),
    by: `worker-${random.int(1, 4)}`,
    statedAt: random.chance(0.4) ? new Date(at).toISOString().slice(0, 10) : new Date(at).toISOString(),
    source: {
      outlet,
      url: `https://${outlet}/report-${number}`,
      publishedAt: new Date(published).toISOString(),
      language: random.pick(['en', 'ru', 'uk']),
      ...(random.chance(0.05) && { quote: `“That is how it is”, report ${number} says.` }),
    },
  };
}

/** Between the outlet and the log: mostly minutes, for one of six up to twelve days. */
const delay = (random: Random) =>
  random.chance(0.15) ? random.next() * 12 * DAY_MS : random.int(1, 180) * MINUTE_MS;

/** What becomes of a statement later, if anything: its speaker takes it back, or a curator finds it to be a mistake. */
function afterwards(
  random: Random,
  { statementId, speaker, source }: NamedStatement,
  recorded: number,
  end: number,
): Happening[] {
  const later = (from: number, most: number) => Math.min(end - MINUTE_MS, from + random.next() * most);
  const which = random.next();
  if (which < 0.04) {
    const at = later(recorded, 5 * DAY_MS);
    const body = {
      retractionId: random.uuid(),
      statedAt: new Date(at).toISOString(),
      speaker,
      source: { outlet: source.outlet, url: `${source.url}/correction` },
    };
    return [{ at: at + MINUTE_MS / 2, kind: 'retraction', statementId, body }];
  }
  if (which > 0.06) return [];
  const voided = later(recorded, 2 * DAY_MS);
  const mistake: Happening = {
    at: voided,
    kind: 'void',
    statementId,
    body: { by: CURATOR, reason: 'wrong translation' },
  };
  return random.chance(0.3)
    ? [
        mistake,
        {
          at: later(voided, 2 * DAY_MS),
          kind: 'reinstatement',
          statementId,
          body: { by: CURATOR, reason: 'the translation was right' },
        },
      ]
    : [mistake];
}

/** A place that no register knows is merged, some day, into a registered one; now and then that was wrong. */
function resolved(random: Random, war: War, at: number, first: number, end: number): Happening[] {
  const reference = war.reference(at);
  if ('id' in reference) return [];
  const id = provisionalId(reference.name, reference.country, reference.region);
  const merged = first + (0.2 + random.next() * 0.6) * (end - first);
  const merge: Happening = {
    at: merged,
    kind: 'merge',
    id,
    into: war.place(random.int(0, war.registered - 1)).id,
    by: CURATOR,
  };
  return random.chance(0.35) ? [merge, { at: merged + HOUR_MS, kind: 'unmerge', id, by: CURATOR }] : [merge];
}
