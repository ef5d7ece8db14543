import { type ReadonlySignal, type Signal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { isNow, query } from '../address/address.js';
import { only } from '../address/query.js';
import type { MapAnswer, MapChanges } from '../api/answers.js';
import { type Answered, useAnswer } from '../api/question.js';
import { get } from '../api/request.js';
import type { ApiProblem } from '../api/request.js';
import { goOnAfter, missed, onNews } from '../live/live.js';
import { isWithin } from '../live/messages.js';
import { ALL_SAID, endOf, monthOf } from '../language/days.js';
import { type Frame, type Row, rowOf, rowsAt, rowsOf, turnsOf } from './rows.js';

/** A clock that rests for this time is asked for in full. */
const REST_MS = 350;
/** Months kept in memory. */
const MOST_MONTHS = 12;
/** Cells are sent instead of places where there are more than the service sends at once; this is their first zoom. */
export const FIRST_ZOOM = 5;

/** The places of map and list before filters; all of one moment. */
export interface Places {
  rows: ReadonlySignal<readonly Row[]>;
  answer: ReadonlySignal<MapAnswer | undefined>;
  /** Places that have changed since they were asked for, of which `rows` has the new state already. */
  news: ReadonlySignal<ReadonlyMap<string, Row>>;
  /** Whether the reader has stopped what is shown. */
  isPaused: Signal<boolean>;
  problem: ReadonlySignal<ApiProblem | undefined>;
  isWaiting: ReadonlySignal<boolean>;
  /** There are more than the service sends at once: `rows` has none. */
  isMany: ReadonlySignal<boolean>;
  /** The moment that answers are of, once the clock rests. */
  settled: ReadonlySignal<string | undefined>;
  /** Grows when the reader asks again. */
  asked: ReadonlySignal<number>;
  /** Whether `rows` are still of another moment than the one that is asked for. */
  isOld: ReadonlySignal<boolean>;
  /** Asks again, so that order and counts are those of now. */
  refresh(): void;
}

export function usePlaces(): Places {
  const settled = useSettled(() => query.value['asOf']);
  const asked = useSignal(0);
  const answered = useAnswer<MapAnswer>(
    () => ({
      path: 'v1/map',
      query: {
        ...only(query.value, ['q', 'knownAt', 'ruleset']),
        asOf: settled.value,
        zoom: String(FIRST_ZOOM),
      },
    }),
    () => [asked.value, missed.value],
  );
  const answer = useComputed(() => answered.value.data);
  const base = useComputed(() => (answer.value?.kind === 'places' ? rowsOf(answer.value) : []));
  const frame = useFrame(base);
  const isPaused = useSignal(false);
  const news = useNews(answered, base, isPaused);
  const isExact = useComputed(() => settled.value === query.value['asOf'] && !answered.value.isWaiting);
  const rows = useComputed(() => {
    const asOf = query.value['asOf'];
    if (asOf !== undefined && asOf < ALL_SAID && !isExact.value && frame.value !== undefined)
      return rowsAt(frame.value, endOf(asOf));
    return withNews(base.value, news.value);
  });
  return {
    rows,
    answer,
    news,
    isPaused,
    problem: useComputed(() => answered.value.problem),
    isWaiting: useComputed(() => answered.value.isWaiting),
    isMany: useComputed(
      () => answered.value.problem?.code === 'map-too-large' || answer.value?.kind === 'bins',
    ),
    settled,
    asked,
    isOld: useComputed(
      () => !isExact.value && (query.value['asOf'] === undefined || frame.value === undefined),
    ),
    refresh: () => asked.value++,
  };
}

/** Rows with what has changed of them. Places that were not there yet come when the reader asks. */
export function withNews(rows: readonly Row[], news: ReadonlyMap<string, Row>): readonly Row[] {
  if (news.size === 0) return rows;
  return rows.map((row) => {
    const now = news.get(row.id);
    return now === undefined ? row : { ...now, asked: row };
  });
}

/** A value, once it has stayed the same for a moment. */
function useSettled<T>(read: () => T): ReadonlySignal<T> {
  const settled = useSignal(read());
  useSignalEffect(() => {
    const value = read();
    const timer = setTimeout(() => (settled.value = value), value === undefined ? 0 : REST_MS);
    return () => clearTimeout(timer);
  });
  return settled;
}

/** The month that the clock shows, loaded once: each of its days is then a matter of memory. */
function useFrame(present: ReadonlySignal<readonly Row[]>): ReadonlySignal<Frame | undefined> {
  const frame = useSignal<Frame | undefined>(undefined);
  const loaded = useRef(new Map<string, Promise<Frame>>());
  useSignalEffect(() => {
    const { asOf, knownAt, ruleset, q } = query.value;
    if (asOf === undefined || asOf >= ALL_SAID || present.value.length === 0) return;
    const month = monthOf(asOf);
    const key = JSON.stringify([month, knownAt, ruleset, q]);
    const loading = loaded.current.get(key) ?? loadFrame(month, { knownAt, ruleset }, q);
    loaded.current.set(key, loading);
    if (loaded.current.size > MOST_MONTHS) loaded.current.delete(loaded.current.keys().next().value!);
    let isWanted = true;
    loading.then(
      (ready) => isWanted && (frame.value = ready),
      () => loaded.current.delete(key),
    );
    return () => (isWanted = false);
  });
  return frame;
}

async function loadFrame(
  { from, to }: { from: string; to: string },
  clock: { knownAt: string | undefined; ruleset: string | undefined },
  q: string | undefined,
): Promise<Frame> {
  const [end, changes] = await Promise.all([
    get<MapAnswer>('v1/map', { ...clock, q, asOf: to, zoom: String(FIRST_ZOOM) }),
    get<MapChanges>('v1/map/changes', { ...clock, from, to }),
  ]);
  return { rows: end.kind === 'places' ? rowsOf(end) : [], changes: turnsOf(changes) };
}

/** A state that has come, and what of the log it has seen. */
interface Heard {
  row: Row;
  token: string;
}

/**
 * States that are other than those of the answer, by place. A stream that is resumed repeats some; where the answer has no row
 * of a place, its token tells.
 * @param isPaused while it is so, what is shown stays
 */
function useNews(
  answered: ReadonlySignal<Answered<MapAnswer>>,
  base: ReadonlySignal<readonly Row[]>,
  isPaused: ReadonlySignal<boolean>,
): ReadonlySignal<ReadonlyMap<string, Row>> {
  const news = useSignal<ReadonlyMap<string, Row>>(new Map());
  // An answer may be older than what comes while it is on its way, and may fail.
  const heard = useRef({ before: new Map<string, Heard>(), since: new Map<string, Heard>() }).current;
  const answers = useComputed(() => new Map(base.value.map((row) => [row.id, JSON.stringify(row)])));
  const show = () => {
    const known = answers.peek();
    const { token = '' } = answered.peek().data ?? {};
    news.value = new Map(
      [...heard.before, ...heard.since]
        .filter(([id, one]) =>
          known.has(id) ? JSON.stringify(one.row) !== known.get(id) : !isWithin(one.token, token),
        )
        .map(([id, { row }]) => [id, row]),
    );
  };
  useSignalEffect(() => {
    const { data, isWaiting, problem } = answered.value;
    if (isWaiting) {
      heard.before = new Map([...heard.before, ...heard.since]);
      heard.since = new Map();
      return;
    }
    if (problem === undefined) heard.before = new Map();
    if (data?.asOf === null && data.knownAt === null) goOnAfter(data.token);
    show();
  });
  useSignalEffect(() => {
    if (!isNow.value) return;
    if (!isPaused.value) show();
    let timer: number | undefined;
    const showAll = () => {
      timer = undefined;
      show();
    };
    const stop = onNews((one) => {
      if (one.kind !== 'state') return;
      heard.since.set(one.state.id, { row: rowOf(one.state), token: one.state.token });
      if (!isPaused.value) timer ??= requestAnimationFrame(showAll);
    });
    return () => {
      stop();
      if (timer !== undefined) cancelAnimationFrame(timer);
    };
  });
  return news;
}
