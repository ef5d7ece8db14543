import { render } from 'preact';
import { query } from './address/address.js';
import { preferredLanguage, showIn } from './language/language.js';
import { readParties } from './language/parties.js';
import { stayLive } from './live/live.js';
import './look/page.css';
import { App } from './shell/app.js';

// Relative to the address that the page was loaded from, not to those that it goes to.
for (const link of document.head.querySelectorAll<HTMLLinkElement>('link[rel=icon]'))
  link.setAttribute('href', link.href);

void readParties();
stayLive();
await showIn(preferredLanguage(query.value['lang']), { keep: query.value['lang'] !== undefined });
render(<App />, document.getElementById('page')!);
void import('./history/keep-scroll.js').then(({ keepScroll }) => keepScroll());
