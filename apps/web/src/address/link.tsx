import type { AnchorHTMLAttributes, ComponentChildren } from 'preact';
import { addressOf, go } from './address.js';
import type { QueryChange } from './query.js';
import type { Route } from './route.js';

interface LinkProps extends Omit<AnchorHTMLAttributes, 'href' | 'role'> {
  to: Route;
  query?: QueryChange;
  children: ComponentChildren;
}

/** A real link that needs no load of the page; with a key held it opens a tab, as any other. */
export function Link({ to, query = {}, children, ...rest }: LinkProps) {
  const href = addressOf(to, query);
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}
