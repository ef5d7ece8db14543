import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { Page } from './answers.js';
import { type Asked, useAnswer } from './question.js';
import { ApiProblem, get } from './request.js';

/** A list that is read page by page, from its beginning again whenever the question changes. */
export interface Pages<T> {
  items: ReadonlySignal<readonly T[]>;
  hasMore: ReadonlySignal<boolean>;
  isWaiting: ReadonlySignal<boolean>;
  problem: ReadonlySignal<ApiProblem | undefined>;
  /** Asks for the next page, unless it is on its way. */
  more(): Promise<void>;
}

interface Further<T> {
  /** The first page that these follow. */
  first: Page<T> | undefined;
  pages: Page<T>[];
  isWaiting: boolean;
  problem: ApiProblem | undefined;
}

export function usePages<T>(asked: () => Asked, fresh: () => unknown): Pages<T> {
  const first = useAnswer<Page<T>>(asked, fresh);
  const further = useSignal<Further<T>>({
    first: undefined,
    pages: [],
    isWaiting: false,
    problem: undefined,
  });
  const after = useComputed<Further<T>>(() =>
    further.value.first === first.value.data
      ? further.value
      : { first: first.value.data, pages: [], isWaiting: false, problem: undefined },
  );
  const pages = useComputed(() =>
    [first.value.data, ...after.value.pages].filter((one) => one !== undefined),
  );
  const more = async () => {
    const question = asked();
    const before = after.peek();
    const cursor = pages.peek().at(-1)?.nextCursor;
    if (question === undefined || cursor == null || before.isWaiting) return;
    further.value = { ...before, isWaiting: true, problem: undefined };
    const result = await get<Page<T>>(question.path, { ...question.query, cursor }).catch((error: unknown) =>
      error instanceof ApiProblem ? error : new ApiProblem(0, 'broken', String(error)),
    );
    // The question may have changed meanwhile.
    if (first.peek().data !== before.first) return;
    further.value =
      result instanceof ApiProblem
        ? { ...before, isWaiting: false, problem: result }
        : { ...before, isWaiting: false, problem: undefined, pages: [...before.pages, result] };
  };
  return {
    items: useComputed(() => pages.value.flatMap(({ items }) => items)),
    hasMore: useComputed(() => (pages.value.at(-1)?.nextCursor ?? null) !== null),
    isWaiting: useComputed(() => first.value.isWaiting || after.value.isWaiting),
    problem: useComputed(() => first.value.problem ?? after.value.problem),
    more,
  };
}
