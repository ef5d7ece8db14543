import { computed, signal } from '@preact/signals';
import { changed, CLOCK_NAMES, only, type Query, type QueryChange, queryOf, searchOf } from './query.js';
import { pathOf, type Route, routeOf } from './route.js';

/** Where the page lies: the service says it in the document, since a proxy may serve it under any prefix. */
export const root = new URL(document.documentElement.dataset.root ?? './', document.baseURI);

const here = signal(new URL(document.location.href));

export const route = computed<Route>(() =>
  here.value.pathname.startsWith(root.pathname)
    ? routeOf(here.value.pathname.slice(root.pathname.length))
    : { view: 'unknown' },
);

export const query = computed<Query>(() => queryOf(here.value.search));

/** The moments of the query, which every link inside the page keeps. */
export const clock = computed<Query>(() => only(query.value, CLOCK_NAMES));

/** Whether the page shows the present. */
export const isNow = computed(() => Object.keys(clock.value).length === 0);

addEventListener('popstate', () => (here.value = new URL(document.location.href)));

/** The address of a route. The clock is kept unless the change names it. */
export const addressOf = (to: Route, change: QueryChange = {}): string =>
  new URL(pathOf(to) + searchOf({ ...clock.value, ...change }), root).href;

/** Where a sign-in leads back to: a path of this host, as the service takes it too. */
export const returnTo = computed(() =>
  route.value.view === 'sign-in' ? query.value['returnTo'] : here.value.pathname + here.value.search,
);

/** Shows a route. @param replace leaves no step in the history: for what changes while one drags or types */
export function go(address: string, { replace = false } = {}): void {
  if (address === here.value.href) return;
  if (replace) history.replaceState(history.state, '', address);
  else history.pushState(null, '', address);
  const before = here.value;
  here.value = new URL(address);
  if (before.pathname === here.value.pathname) return;
  scrollTo(0, 0);
  // The link that was followed is gone: the keyboard goes on from the top of what is shown.
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** Changes the query and keeps the view. */
export function setQuery(change: QueryChange, options: { replace?: boolean } = {}): void {
  const address = new URL(here.value);
  address.search = searchOf(changed(query.value, change));
  go(address.href, options);
}
