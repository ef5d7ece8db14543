import { useEffect, useRef } from 'preact/hooks';
import { returnTo, route } from '../address/address.js';
import { Link } from '../address/link.js';
import type { Route } from '../address/route.js';
import { session, signOut } from '../api/session.js';
import { isLocal, showLocal } from '../language/dates.js';
import { language, LANGUAGES, type MessageId, showIn, t } from '../language/language.js';

type Entry = { to: Route; label: MessageId; views: readonly Route['view'][] };

const ENTRIES: readonly Entry[] = [
  { to: { view: 'home' }, label: 'nav.places', views: ['home', 'place', 'place-compare'] },
  { to: { view: 'changes' }, label: 'nav.changes', views: ['changes'] },
  { to: { view: 'compare' }, label: 'nav.compare', views: ['compare'] },
  {
    to: { view: 'statements' },
    label: 'nav.statements',
    views: ['statements', 'statement', 'speaker', 'outlet'],
  },
  { to: { view: 'operations' }, label: 'nav.operations', views: ['operations', 'run', 'dead-letters'] },
];

export function Header() {
  const { view } = route.value;
  const entries = useRef<HTMLElement>(null);
  // In a narrow window they are scrolled: the present one has to be seen.
  useEffect(() => {
    const { current: nav } = entries;
    const link = nav?.querySelector<HTMLElement>('[aria-current]');
    if (nav && link) nav.scrollLeft = link.offsetLeft - nav.offsetLeft - nav.clientWidth / 3;
  }, [view]);
  return (
    <header class="head">
      <Link to={{ view: 'home' }} class="brand">
        Claimline
      </Link>
      <nav ref={entries} aria-label={t('nav.label')}>
        {ENTRIES.map(({ to, label, views }) => (
          <Link to={to} aria-current={views.includes(view) ? 'page' : undefined}>
            {t(label)}
          </Link>
        ))}
      </nav>
      <div class="settings">
        <select
          aria-label={t('shell.zone')}
          value={isLocal.value ? 'local' : 'utc'}
          onChange={({ currentTarget }) => showLocal(currentTarget.value === 'local')}
        >
          <option value="utc">UTC</option>
          <option value="local">{t('shell.zone-local')}</option>
        </select>
        <select
          aria-label={t('shell.language')}
          value={language.value}
          onChange={({ currentTarget }) => void showIn(currentTarget.value, { keep: true })}
        >
          {LANGUAGES.map(({ code, name }) => (
            <option value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
        <SignedIn />
      </div>
    </header>
  );
}

function SignedIn() {
  const { value: who } = session;
  if (who === undefined) return null;
  const isSignedIn = who.kind === 'session';
  // Where everything is open there is nothing to sign in for.
  if (!isSignedIn && who.roles.includes('operate')) return null;
  return (
    <>
      <Link to={{ view: 'sign-in' }} query={{ returnTo: returnTo.value }}>
        {isSignedIn ? <bdi>{who.name}</bdi> : t('session.sign-in')}
      </Link>
      {isSignedIn && (
        <button type="button" class="plain" onClick={() => void signOut()}>
          {t('session.sign-out')}
        </button>
      )}
    </>
  );
}
