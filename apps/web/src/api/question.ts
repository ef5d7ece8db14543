import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { QueryChange } from '../address/query.js';
import { readSession, signedIn } from './session.js';
import { ApiProblem, get } from './request.js';

/** What is asked: undefined asks nothing. */
export type Asked = { path: string; query?: QueryChange } | undefined;

export interface Answered<T> {
  /** The last answer; it stays while the next one to the same path is on its way. */
  data: T | undefined;
  problem: ApiProblem | undefined;
  isWaiting: boolean;
}

const AGAIN_MS = [1000, 2000, 5000, 10_000, 30_000];

/**
 * The answer to a question that may change with signals. It is asked again when the question, `fresh` or the session changes,
 * and after an outage by itself.
 * @param fresh signals whose change makes the answer old
 * @param everyMs asks again this long after each answer, while the page can be seen
 */
export function useAnswer<T>(
  asked: () => Asked,
  fresh: () => unknown = () => undefined,
  everyMs?: number,
): ReadonlySignal<Answered<T>> {
  const answer = useSignal<Answered<T> & { path?: string }>({
    data: undefined,
    problem: undefined,
    isWaiting: true,
  });
  const question = useComputed(() => JSON.stringify(asked() ?? null));
  useSignalEffect(() => {
    const now = JSON.parse(question.value) as Exclude<Asked, undefined> | null;
    fresh();
    void signedIn.value;
    if (now === null) return;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { path } = now;
    const before = answer.peek();
    answer.value = { ...before, data: before.path === path ? before.data : undefined, path, isWaiting: true };
    const again = (ms: number, tries: number) =>
      (timer = setTimeout(() => {
        if (everyMs !== undefined && document.visibilityState === 'hidden') again(everyMs, tries);
        else void ask(tries);
      }, ms));
    const ask = async (tries: number) => {
      try {
        const data = await get<T>(path, now.query, ended.signal);
        answer.value = { data, problem: undefined, isWaiting: false, path };
        if (everyMs !== undefined) again(everyMs, 0);
      } catch (error) {
        if (ended.signal.aborted) return;
        const problem = error instanceof ApiProblem ? error : new ApiProblem(0, 'broken', String(error));
        answer.value = { ...answer.peek(), problem, isWaiting: false };
        if (problem.status === 401) void readSession();
        if (problem.status === 0 || problem.status >= 500)
          again(AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]!, tries + 1);
      }
    };
    void ask(0);
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  });
  return answer;
}
