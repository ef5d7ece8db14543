import { Random } from './random.js';

/** A statement as an ingest worker submits it. */
export interface StatementInput {
  statementId?: string;
  stance: 'assert' | 'deny';
  claim: {
    predicate: string;
    actor?: string;
    extent?: object;
    target?: string;
    modality?: string;
    certainty?: string;
  };
  location: { id: string } | { name: string; region?: string; country?: string };
  speaker?: { name?: string; role?: string; party?: string };
  via?: string[];
  by?: string;
  statedAt: string;
  source: { outlet: string; url: string; publishedAt: string; language?: string; quote?: string };
  grading?: { reliability: string; credibility: number };
}

/** A place as `POST /v1/locations` takes it. */
export interface PlaceInput {
  id: string;
  names: { name: string; language?: string; kind?: string }[];
  coordinates: [number, number];
  country: string;
  region: string;
}

export interface WarOptions {
  /** Places that statements are about. */
  places: number;
  /** How many of them no register knows: statements name them, and they stay provisional. */
  unknown?: number;
  /** The share of the statements that is about a few places, in addition to those about them by chance (default: 0.3). */
  hot?: number;
}

const PREFIXES = ['', 'Nova ', 'Stara ', 'Velyka ', 'Mala ', 'Verkhnia ', 'Nyzhnia ', 'Sukha '];
const STEMS = [
  'Petr',
  'Ivan',
  'Kamian',
  'Berez',
  'Dub',
  'Oleks',
  'Krasn',
  'Chern',
  'Bil',
  'Zelen',
  'Myk',
  'Step',
  'Andr',
  'Vas',
  'Hryhor',
  'Lypov',
  'Sosn',
  'Verb',
  'Kalyn',
  'Horod',
  'Rik',
  'Pishch',
  'Hlyn',
  'Sol',
  'Med',
];
const MIDDLES = [
  'o',
  'iv',
  'ets',
  'an',
  'yn',
  'ovs',
  'ych',
  'en',
  'ar',
  'ul',
  'ad',
  'im',
  'os',
  'et',
  'iak',
  'av',
  'ol',
  'uk',
  'em',
  'ish',
  'or',
  'as',
  'ev',
  'on',
  'il',
];
const ENDINGS = ['ka', 'ivka', 'pil', 'hrad', 'sk', 'tsi', 'ne', 'ske', 'nia', 'yi'];
const REGIONS = [
  'Kharkiv',
  'Donetsk',
  'Luhansk',
  'Zaporizhzhia',
  'Kherson',
  'Sumy',
  'Dnipropetrovsk',
  'Mykolaiv',
];

interface Voice {
  name?: string;
  role?: string;
  party?: string;
  /** Whom it usually says to be winning. */
  for: string;
}

const VOICES: Voice[] = [
  { name: 'Valerii Horobets', role: 'Chief of the General Staff', party: 'russia', for: 'russia' },
  { role: 'daily briefing', party: 'Russian Ministry of Defence', for: 'russia' },
  { name: 'Ihor Kymak', role: 'adviser to the head of the DNR', party: 'dnr', for: 'russia' },
  { party: 'lnr', for: 'russia' },
  {
    name: 'Oleh Sych',
    role: 'spokesman of the eastern command',
    party: 'Ukrainian military',
    for: 'ukraine',
  },
  { role: 'evening report', party: 'General Staff of the Armed Forces of Ukraine', for: 'ukraine' },
  { name: 'Anna Koval', role: 'head of the district', party: 'ukraine', for: 'ukraine' },
  { name: 'Free Legion', party: 'Free Legion', for: 'Free Legion' },
  { name: 'Mapping Project Nord', for: 'ukraine' },
  { name: 'Reporter at the front', for: 'russia' },
  { for: 'russia' },
];
const OUTLETS = ['tass.example', 'ria.example', 'unian.example', 'wire.example', 'front.example'];
const FIRST_DAY = Date.parse('2022-02-24T00:00:00Z');
const DAYS = 1365;
const MINUTE_MS = 60_000;

/**
 * A war that never was: places, sides and what they say about each other, the same for the same seed. What is said comes
 * in no order of time: much of it long after it was said.
 */
export class War {
  private serial = 0;

  constructor(
    private readonly random: Random,
    readonly options: WarOptions,
    /** Goes into every statement, so that those of two wars with one seed differ. */
    private readonly label = 'w',
  ) {}

  /** The number of places that can be registered; the others stay unknown. */
  get registered(): number {
    return this.options.places - (this.options.unknown ?? 0);
  }

  /** Place `at` of the war, whoever asks. */
  place(at: number): PlaceInput {
    const shape = new Random(at * 7919 + 13);
    const name = nameOf(at);
    return {
      id: idOf(at),
      names: [
        { name, language: 'en' },
        ...(shape.chance(0.5) ? [{ name: `${name}-${at}`, kind: 'alias' }] : []),
      ],
      coordinates: [round(shape.next() * 8 + 31), round(shape.next() * 4 + 46.5)],
      country: 'UA',
      region: regionOf(at),
    };
  }

  /** A new statement, about any place or the one given. */
  statement(at: number = this.somewhere()): StatementInput {
    const { random } = this;
    const number = (this.serial += 1);
    const { for: winner, role, ...speaks } = random.pick(VOICES);
    const voice = role !== undefined && random.chance(0.4) ? { ...speaks, role } : speaks;
    const published = FIRST_DAY + random.int(0, DAYS * 24 * 60) * MINUTE_MS;
    const stated = random.chance(0.7) ? published - random.int(0, 2 * 24 * 60) * MINUTE_MS : published;
    const outlet = random.pick(OUTLETS);
    return {
      ...(random.chance(0.3) && { statementId: random.uuid() }),
      ...this.said(winner),
      location: this.reference(at),
      ...(Object.keys(voice).length > 0 && { speaker: voice }),
      ...(random.chance(0.15) && { via: [random.pick(OUTLETS)] }),
      ...(random.chance(0.3) && { by: `worker-${random.int(1, 8)}` }),
      statedAt: random.chance(0.4)
        ? new Date(stated).toISOString().slice(0, 10)
        : new Date(stated).toISOString(),
      source: {
        outlet,
        url: encodeURI(`https://${outlet}/${this.label}-${number}`),
        publishedAt: new Date(published + random.int(1, 600) * MINUTE_MS).toISOString(),
        ...(random.chance(0.3) && { language: random.pick(['en', 'ru', 'uk']) }),
        ...(random.chance(0.05) && { quote: `“We hold all of it”, it was said; report ${number}.` }),
      },
      ...(random.chance(0.1) && {
        grading: { reliability: random.pick(['A', 'B', 'C', 'D', 'E', 'F']), credibility: random.int(1, 6) },
      }),
    };
  }

  /** The body that takes a statement back, by the same speaker. */
  retraction({ speaker, via, source }: StatementInput): object {
    const { random } = this;
    return {
      retractionId: random.uuid(),
      statedAt: new Date(FIRST_DAY + random.int(0, DAYS * 24 * 60) * MINUTE_MS).toISOString(),
      ...(speaker && { speaker }),
      ...(via && { via }),
      source: { outlet: source.outlet, url: `${source.url}/correction/${(this.serial += 1)}` },
    };
  }

  /** Few places are spoken of often, most now and then. */
  private somewhere(): number {
    const { places, hot = 0.3 } = this.options;
    return this.random.chance(hot)
      ? this.random.int(0, Math.min(places, 20 + Math.floor(places / 100)) - 1)
      : this.random.int(0, places - 1);
  }

  private said(winner: string): Pick<StatementInput, 'stance' | 'claim'> {
    const { random } = this;
    const loser = winner === 'ukraine' ? 'russia' : 'ukraine';
    const which = random.next();
    const remarks = {
      ...(random.chance(0.04) && { modality: 'intended' }),
      ...(random.chance(0.06) && { certainty: 'hedged' }),
    };
    if (which < 0.3) return { stance: 'assert', claim: { predicate: 'captured', actor: winner, ...remarks } };
    if (which < 0.45)
      return {
        stance: 'assert',
        claim: { predicate: 'controls', actor: winner, extent: this.extent(), ...remarks },
      };
    if (which < 0.6)
      return { stance: 'deny', claim: { predicate: random.pick(['captured', 'controls']), actor: loser } };
    if (which < 0.68) return { stance: 'deny', claim: { predicate: 'lost', actor: winner } };
    if (which < 0.75)
      return {
        stance: 'assert',
        claim: {
          predicate: random.pick(['lost', 'withdrew']),
          actor: random.chance(0.8) ? loser : winner,
          ...remarks,
        },
      };
    if (which < 0.83)
      return {
        stance: random.chance(0.8) ? 'assert' : 'deny',
        claim: { predicate: 'encircled', actor: winner, target: `a group of forces of ${loser}` },
      };
    if (which < 0.9) return { stance: 'assert', claim: { predicate: 'entered', actor: winner } };
    return { stance: random.chance(0.8) ? 'assert' : 'deny', claim: { predicate: 'fighting' } };
  }

  private extent(): object {
    const { random } = this;
    if (random.chance(0.2))
      return { part: random.pick(['the left bank', 'the station', 'the northern quarter']) };
    return random.chance(0.3)
      ? { op: '=', percent: 100 }
      : { op: random.pick(['>', '>=', '=', '<']), percent: random.int(5, 95) };
  }

  /** How a statement names the place. */
  reference(at: number): StatementInput['location'] {
    if (at >= this.registered) return { name: nameOf(at), region: regionOf(at), country: 'UA' };
    if (this.random.chance(0.4)) return { id: idOf(at) };
    return { name: nameOf(at), ...(this.random.chance(0.7) && { region: regionOf(at), country: 'UA' }) };
  }
}

const regionOf = (at: number) => REGIONS[at % REGIONS.length]!;

const idOf = (at: number): string => `war-${at}`;

/** Names are unique: past 50,000 places they have a number. */
function nameOf(at: number): string {
  const digit = (list: readonly string[]) => {
    const one = list[at % list.length]!;
    at = Math.floor(at / list.length);
    return one;
  };
  const [stem, middle, prefix, ending] = [digit(STEMS), digit(MIDDLES), digit(PREFIXES), digit(ENDINGS)];
  const name = `${prefix}${stem}${middle}${ending}`;
  return at === 0 ? name : `${name} ${at + 1}`;
}

const round = (degrees: number) => Math.round(degrees * 1e4) / 1e4;
