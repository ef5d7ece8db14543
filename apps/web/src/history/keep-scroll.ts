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

interface Kept {
  scroll?: number[];
  /** The item in the middle of the window, and where its upper edge is: what is above may have another height. */
  item?: { href: string; top: number };
}

function save(): void {
  if (frame !== undefined) return;
  const kept: Kept = { scroll: scrolled().map(({ scrollTop }) => scrollTop) };
  const item = document.elementFromPoint(60, innerHeight / 2)?.closest('main li');
  const href = item?.querySelector('a')?.getAttribute('href');
  if (item && href && kept.scroll!.some((top) => top > 0))
    kept.item = { href, top: item.getBoundingClientRect().top };
  history.replaceState({ ...history.state, item: undefined, ...kept }, '');
}

/** How far an item is from where it was; undefined where there is none. */
function offOf({ item }: Kept): number | undefined {
  if (item === undefined) return undefined;
  const found = document.querySelector(`main li a[href="${CSS.escape(item.href)}"]`)?.closest('li');
  return found ? found.getBoundingClientRect().top - item.top : undefined;
}

function restore(): void {
  stop();
  const kept = (history.state ?? {}) as Kept;
  const end = performance.now() + WAIT_MS;
  let held = 0;
  const step = (now: number) => {
    const off = offOf(kept);
    const missing = scrolled().map((element, n) => off ?? (kept.scroll?.[n] ?? 0) - element.scrollTop);
    scrolled().forEach((element, n) => (element.scrollTop += missing[n]!));
    held = missing.every((one) => Math.abs(one) < 1) ? held + 1 : 0;
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
