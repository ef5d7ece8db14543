import { useSignal } from '@preact/signals';
import { addressOf, go, returnTo, root, route } from '../address/address.js';
import { useTitle } from '../address/title.js';
import { searchOf } from '../address/query.js';
import type { ApiProblem } from '../api/request.js';
import { hasEnded, mustSignIn, session, type Session, signIn } from '../api/session.js';
import { Time } from '../language/dates.js';
import { listed, t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';

/** Who one is, or the way to be somebody. */
export function SignIn() {
  const { value: who } = session;
  useTitle(() => t(session.value?.kind === 'session' ? 'session.yours' : 'session.sign-in'));
  return who?.kind === 'session' ? <Who who={who} /> : <SignInForm />;
}

function Who({ who: { name, roles, expiresAt } }: { who: Session }) {
  return (
    <div class="pad read">
      <h1>{t('session.yours')}</h1>
      <p>{t('session.who', { name: name ?? '' })}</p>
      <p>
        {t('session.may')} {listed(roles.map((role) => t(`session.role-${role}`)))}.
      </p>
      <p>
        {t('session.until')} <Time at={expiresAt} precision="second" />
      </p>
    </div>
  );
}

/** A key is exchanged for a session; the page never keeps it. */
function SignInForm() {
  const key = useSignal('');
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    problem.value = undefined;
    try {
      await signIn(key.value.trim());
      if (route.value.view === 'sign-in') go(placeToGo(returnTo.value));
    } catch (error) {
      problem.value = error as ApiProblem;
    }
  };
  return (
    <form class="pad read" onSubmit={(event) => void submit(event)}>
      <h1>{t('session.sign-in')}</h1>
      <p>{t(hasEnded.value ? 'session.again' : mustSignIn.value ? 'session.why' : 'session.more')}</p>
      <label class="field">
        <span>{t('session.key')}</span>
        <input
          type="password"
          autocomplete="current-password"
          required
          value={key.value}
          onInput={({ currentTarget }) => (key.value = currentTarget.value)}
        />
      </label>
      <button type="submit">{t('session.sign-in')}</button>
      {session.value?.oidc === true && (
        <p>
          <a href={new URL(`v1/session/oidc${searchOf({ returnTo: returnTo.value })}`, root).href}>
            {t('session.account')}
          </a>
        </p>
      )}
      <ProblemNote problem={problem.value} />
    </form>
  );
}

/** Never an address of another site, whatever a link says. */
function placeToGo(path = ''): string {
  const href = URL.parse(path, root)?.href;
  return href?.startsWith(root.href) === true ? href : addressOf({ view: 'home' });
}
