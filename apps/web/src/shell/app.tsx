import { useComputed } from '@preact/signals';
import type { ComponentType } from 'preact';
import { route } from '../address/address.js';
import { hasEnded, mustSignIn } from '../api/session.js';
import type { Route } from '../address/route.js';
import { t } from '../language/language.js';
import { Footer } from './footer.js';
import { Header } from './header.js';
import { lazy } from './lazy.js';
import { NotFound } from './not-found.js';
import { Home } from '../home/home.js';

/** The first view is in the shell; the others are loaded when they are shown. */
const VIEWS: Partial<Record<Route['view'], ComponentType>> = {
  home: Home,
  place: lazy(() => import('../place/place.js').then(({ Place }) => Place), 'place', 'take'),
  operations: lazy(
    () => import('../operations/operations.js').then(({ Operations }) => Operations),
    'operations',
  ),
  run: lazy(() => import('../operations/runs.js').then(({ RunView }) => RunView), 'operations'),
  'dead-letters': lazy(
    () => import('../operations/dead-letters.js').then(({ DeadLetters }) => DeadLetters),
    'operations',
  ),
  compare: lazy(
    () => import('../compare/compare.js').then(({ Compare }) => Compare),
    'place',
    'reading',
    'take',
  ),
  changes: lazy(
    () => import('../changes/changes.js').then(({ Changes }) => Changes),
    'place',
    'reading',
    'take',
  ),
  statements: lazy(
    () => import('../statements/statements.js').then(({ Statements }) => Statements),
    'place',
    'reading',
    'take',
  ),
  statement: lazy(
    () => import('../statements/statement-view.js').then(({ StatementView }) => StatementView),
    'place',
    'reading',
    'take',
  ),
  speaker: lazy(
    () => import('../speakers/source-page.js').then(({ SpeakerPage }) => SpeakerPage),
    'place',
    'reading',
    'take',
  ),
  outlet: lazy(
    () => import('../speakers/source-page.js').then(({ OutletPage }) => OutletPage),
    'place',
    'reading',
    'take',
  ),
  embed: lazy(() => import('../home/embed.js').then(({ Embed }) => Embed)),
  'place-compare': lazy(
    () => import('../place/compare/place-compare.js').then(({ PlaceCompare }) => PlaceCompare),
    'place',
    'take',
  ),
  'sign-in': lazy(() => import('./sign-in.js').then(({ SignIn }) => SignIn), 'session'),
};

export function App() {
  // Who may read nothing is asked for a key where he is: the address stays.
  const view = useComputed(() => (mustSignIn.value ? 'sign-in' : route.value.view));
  const View = VIEWS[view.value] ?? NotFound;
  if (view.value === 'embed') return <View />;
  return (
    <>
      <a class="skip" href="#main">
        {t('shell.skip')}
      </a>
      <Header />
      {hasEnded.value && !mustSignIn.value && (
        <p class="note pad" role="status">
          {t('session.ended')}
        </p>
      )}
      <main id="main" tabIndex={-1} class={`view-${view.value}`}>
        <View key={view.value} />
      </main>
      {view.value !== 'home' && <Footer />}
    </>
  );
}
