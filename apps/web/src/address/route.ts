/** What the page shows, apart from the query of its address. */
export type Route =
  | { view: 'home' }
  | { view: 'place'; id: string }
  | { view: 'place-compare'; id: string }
  | { view: 'compare' }
  | { view: 'changes' }
  | { view: 'statements' }
  | { view: 'statement'; id: string }
  | { view: 'speaker'; name: string }
  | { view: 'outlet'; name: string }
  | { view: 'operations' }
  | { view: 'run'; id: string }
  | { view: 'dead-letters' }
  | { view: 'sign-in' }
  | { view: 'embed' }
  | { view: 'unknown' };

/** The route of a path below the root of the page: `places/gn-703656`. Never throws. */
export function routeOf(path: string): Route {
  const parts = path.replace(/\/+$/, '').split('/').filter(Boolean).map(decoded);
  const [first, second, third] = parts;
  switch (`${first ?? ''}/${parts.length}`) {
    case '/0':
      return { view: 'home' };
    case 'places/2':
      return { view: 'place', id: second! };
    case 'places/3':
      return third === 'compare' ? { view: 'place-compare', id: second! } : { view: 'unknown' };
    case 'statements/2':
      return { view: 'statement', id: second! };
    case 'speakers/2':
      return { view: 'speaker', name: second! };
    case 'outlets/2':
      return { view: 'outlet', name: second! };
    case 'operations/2':
      return second === 'dead-letters' ? { view: 'dead-letters' } : { view: 'unknown' };
    case 'operations/3':
      return second === 'replays' ? { view: 'run', id: third! } : { view: 'unknown' };
    case 'compare/1':
    case 'changes/1':
    case 'statements/1':
    case 'operations/1':
    case 'sign-in/1':
    case 'embed/1':
      return { view: first as 'compare' };
    default:
      return { view: 'unknown' };
  }
}

/** The path of a route, without a slash at its beginning. */
export function pathOf(route: Route): string {
  switch (route.view) {
    case 'home':
    case 'unknown':
      return '';
    case 'place':
      return `places/${encodeURIComponent(route.id)}`;
    case 'place-compare':
      return `places/${encodeURIComponent(route.id)}/compare`;
    case 'statement':
      return `statements/${encodeURIComponent(route.id)}`;
    case 'speaker':
      return `speakers/${encodeURIComponent(route.name)}`;
    case 'outlet':
      return `outlets/${encodeURIComponent(route.name)}`;
    case 'run':
      return `operations/replays/${encodeURIComponent(route.id)}`;
    case 'dead-letters':
      return 'operations/dead-letters';
    default:
      return route.view;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
