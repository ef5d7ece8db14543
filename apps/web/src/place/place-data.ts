import { type ReadonlySignal, type Signal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { clock, isNow, route } from '../address/address.js';
import type { Page, State } from '../api/answers.js';
import type { Statement } from '../api/place-answers.js';
import { type Answered, useAnswer } from '../api/question.js';
import { get } from '../api/request.js';
import { missed, onNews } from '../live/live.js';
import { type Heard, isAbout, NOTHING_HEARD, type PlaceNews, newsOf } from './news.js';

/** What the parts of the place's view share. */
export interface PlaceData {
  state: ReadonlySignal<Answered<State>>;
  /** Statements by their own id and by their event's: the newest, and as far as possible all that the state rests on. */
  details: ReadonlySignal<ReadonlyMap<string, Statement>>;
  /** Whether the details of this state are there, or will not come. */
  isSettled: ReadonlySignal<boolean>;
  news: ReadonlySignal<PlaceNews>;
  /** Grows when the reader asks to be shown what is new. */
  asked: Signal<number>;
}

export const PlaceContext = createContext<PlaceData | undefined>(undefined);
export const usePlace = (): PlaceData => useContext(PlaceContext)!;

/** The place of the address; undefined while another view is shown. */
export const placeId = (): string | undefined =>
  route.value.view === 'place' || route.value.view === 'place-compare' ? route.value.id : undefined;

/** The path of a question about the place of the address. */
export function placePath(rest = ''): string | undefined {
  const id = placeId();
  return id === undefined ? undefined : `v1/locations/${encodeURIComponent(id)}${rest}`;
}

export function usePlaceData(): PlaceData {
  const asked = useSignal(0);
  const state = useAnswer<State>(
    () => {
      const path = placePath();
      return path === undefined ? undefined : { path, query: clock.value };
    },
    () => [asked.value, missed.value],
  );
  const shown = useComputed(() => state.value.data);
  return { state, ...useDetails(shown), news: useNews(shown), asked };
}

const FIRST_PAGE = 100;
const NEXT_PAGE = 500;
/** A place may have a million statements; those that its state rests on are nearly always among the newest. */
const MOST_PAGES = 3;

/** The statements that a state rests on, from the timeline. */
function useDetails(shown: ReadonlySignal<State | undefined>): Pick<PlaceData, 'details' | 'isSettled'> {
  const details = useSignal<ReadonlyMap<string, Statement>>(new Map());
  const isSettled = useSignal(false);
  useSignalEffect(() => {
    const { value: state } = shown;
    const path = placePath('/timeline');
    if (state === undefined || path === undefined) return;
    const ended = new AbortController();
    const wanted = new Set(evidenceOf(state));
    const query = { ...clock.peek(), order: 'desc' };
    const read = async () => {
      const found = new Map<string, Statement>();
      let cursor: string | null | undefined;
      for (let page = 0; page < MOST_PAGES && wanted.size > 0 && cursor !== null; page++) {
        const limit = String(page === 0 ? FIRST_PAGE : NEXT_PAGE);
        const next: Page<Statement> = await get(path, { ...query, limit, cursor }, ended.signal);
        cursor = next.nextCursor;
        for (const one of next.items)
          for (const id of [one.statementId, one.eventId]) {
            wanted.delete(id);
            found.set(id, one);
          }
      }
      details.value = found;
    };
    isSettled.value = false;
    void read()
      .catch(() => {})
      .finally(() => {
        if (!ended.signal.aborted) isSettled.value = true;
      });
    return () => ended.abort();
  });
  return { details, isSettled };
}

const evidenceOf = ({ control, flags }: State): string[] => [
  ...control.flatMap(({ assertedBy, deniedBy, concededBy }) =>
    [...assertedBy, ...deniedBy, ...concededBy].map(({ statementId }) => statementId),
  ),
  ...flags.flatMap(({ evidence }) => evidence),
];

/** What the stream says about the place, which is shown only when it is asked for. */
function useNews(shown: ReadonlySignal<State | undefined>): ReadonlySignal<PlaceNews> {
  const heard = useSignal<Heard>(NOTHING_HEARD);
  // Heard from the beginning, since the answer may be older than what comes while it is on its way.
  useSignalEffect(() => {
    const id = placeId();
    heard.value = NOTHING_HEARD;
    if (id === undefined || !isNow.value) return;
    return onNews((news) => {
      const place = shown.peek() ?? { id, merged: [] };
      const { claims } = heard.peek();
      if (news.kind === 'state') {
        if (news.state.id === place.id) heard.value = { claims, state: news.state };
      } else if (isAbout(place, news.claim))
        heard.value = {
          ...heard.peek(),
          claims: new Map([...claims, [news.claim.statementId, news.claim.recordedAt]]),
        };
    });
  });
  return useComputed(() => newsOf(isNow.value ? shown.value : undefined, heard.value));
}
