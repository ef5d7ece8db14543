import type { State } from '../api/answers.js';

/** What the stream has said about a place since the page began to ask for it. */
export interface Heard {
  /** When each statement was recorded. */
  claims: ReadonlyMap<string, string>;
  /** The last state. */
  state: Pick<State, 'token' | 'lastRecordedAt'> | undefined;
}

export const NOTHING_HEARD: Heard = { claims: new Map(), state: undefined };

export interface PlaceNews {
  /** How many statements are not in what is shown. */
  statements: number;
  hasChanged: boolean;
}

type Shown = Pick<State, 'id' | 'merged' | 'token' | 'lastRecordedAt'>;

/** Whether a statement is about a place or one merged into it. */
export const isAbout = (
  { id, merged }: Pick<Shown, 'id' | 'merged'>,
  { locationId, place }: { locationId: string; place: { id: string } },
): boolean => place.id === id || locationId === id || merged.includes(locationId);

/** What is new beside what is shown: an answer may have it already when the stream says it. */
export function newsOf(shown: Shown | undefined, { claims, state }: Heard): PlaceNews {
  if (shown === undefined) return { statements: 0, hasChanged: false };
  const since = shown.lastRecordedAt ?? '';
  const statements = [...claims.values()].filter((at) => at > since).length;
  const isNewer = state !== undefined && state.token !== shown.token && (state.lastRecordedAt ?? '') >= since;
  return { statements, hasChanged: statements > 0 || isNewer };
}
