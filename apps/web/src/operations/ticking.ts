import { type ReadonlySignal, useSignal, useSignalEffect } from '@preact/signals';

const TICK_MS = 2000;

/** Grows every two seconds while the page can be seen, so that what depends on it is asked for again. */
export function useTick(): ReadonlySignal<number> {
  const tick = useSignal(0);
  useSignalEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') tick.value++;
    }, TICK_MS);
    return () => clearInterval(timer);
  });
  return tick;
}
