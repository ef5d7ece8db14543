import { useSignal } from '@preact/signals';
import { addressOf, go, root } from '../address/address.js';
import { ApiProblem } from '../api/request.js';
import { session, signIn } from '../api/session.js';
import { ProblemNote } from '../look/problem.js';
import { t } from '../language/language.js';

/** A key is exchanged for a session; the page never keeps it. */
export function SignIn() {
  const key = useSignal('');
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    problem.value = undefined;
    try {
      await signIn(key.value.trim());
      go(addressOf({ view: 'home' }));
    } catch (error) {
      problem.value = error as ApiProblem;
    }
  };
  return (
    <form class="pad read" onSubmit={(event) => void submit(event)}>
      <h1>{t('session.sign-in')}</h1>
      <p>{t('session.why')}</p>
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
          <a href={new URL('v1/session/oidc', root).href}>{t('session.account')}</a>
        </p>
      )}
      <ProblemNote problem={problem.value} />
    </form>
  );
}
