/** What is scrolled: the page, and the list beside the map. */
const scrolled = (): Element[] => [document.scrollingElement!, ...document.querySelectorAll('.home-list')];

/** What one shows comes late: it is waited for, but not for longer. */
const WAIT_MS = 5000;
/** Where it stays for so many frames, it is there. */
const FRAMES = 20;

let frame: number | undefined;

function stop(): void {
  if (frame !== undefined) cancelAnimationFrame(frame);
  frame = undefined;
}

function save(): void {
  if (frame === undefined)
    history.replaceState({ ...history.state, scroll: scrolled().map(({ scrollTop }) => scrollTop) }, '');
}

function restore(): void {
  stop();
  const { scroll = [] } = (history.state ?? {}) as { scroll?: number[] };
  const end = performance.now() + WAIT_MS;
  let held = 0;
  const step = (now: number) => {
    const missing = scrolled().filter((element, n) => {
      if (Math.abs(element.scrollTop - (scroll[n] ?? 0)) < 1) return false;
      element.scrollTop = scroll[n] ?? 0;
      return true;
    });
    held = missing.length === 0 ? held + 1 : 0;
    frame = held < FRAMES && now < end ? requestAnimationFrame(step) : undefined;
  };
  frame = requestAnimationFrame(step);
}

/**
 * Each step of the history is shown again as far as it was scrolled, and a page that is loaded again. A browser does it too, but
 * only where all is there at once.
 */
export function keepScroll(): void {
  history.scrollRestoration = 'manual';
  addEventListener('scrollend', save, true);
  addEventListener('popstate', restore);
  for (const name of ['wheel', 'touchstart', 'pointerdown', 'keydown']) addEventListener(name, stop, true);
  if (history.state !== null) restore();
}
