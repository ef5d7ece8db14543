import type { ApiProblem } from '../api/request.js';
import { returnTo } from '../address/address.js';
import { Link } from '../address/link.js';
import { maybe, t } from '../language/language.js';

/** What went wrong with a question, and what the reader can do. */
export function ProblemNote({ problem }: { problem: ApiProblem | undefined }) {
  if (problem === undefined) return null;
  const needsKey = problem.status === 401 || problem.status === 403;
  return (
    <p class="problem" role="alert">
      {maybe(`problem.${problem.code}`) ??
        (problem.status === 0 || problem.status >= 500 ? t('problem.away') : problem.message)}{' '}
      {needsKey && <SignInLink />}
    </p>
  );
}

/** Leads back to where it was followed. */
export const SignInLink = () => (
  <Link to={{ view: 'sign-in' }} query={{ returnTo: returnTo.value }}>
    {t('session.sign-in')}
  </Link>
);
